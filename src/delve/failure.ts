import { StepFailure } from "../model/step-kind.js";
import { strippedFailure, tooNewFailure, tooOldFailure } from "./compatibility.js";
import { ConnectionLost, DelveError } from "./json-rpc.js";

/** What Delve's refusal means for a step. Gives back anything else as it is. */
export function asFailure(error: unknown, doing: string): unknown {
  if (error instanceof DelveError) return new StepFailure(`${doing}: ${error.message}`, { cause: error });
  if (error instanceof ConnectionLost) {
    return new StepFailure(`${doing}: Delve closed the connection, so the debugging session is over`, { cause: error });
  }
  if (isLate(error)) {
    return new StepFailure(`${doing}: Delve gave no answer in time, so the debugging session is over`, {
      cause: error,
    });
  }
  return error;
}

/** Whether a deadline of a call's own was over (`AbortSignal.timeout`), which is not the end of the step's time. */
export const isLate = (error: unknown): boolean => error instanceof DOMException && error.name === "TimeoutError";

/**
 * Why Delve could not start, from what it printed before it left.
 * @param program what it was to debug, for the message
 */
export function launchFailure(printed: string, program: string, delveVersion: string | null): StepFailure {
  const tooOld = /Go version (\S+) is too old for this version of Delve \(minimum supported version ([\d.]+)/.exec(
    printed,
  );
  if (tooOld?.[1] !== undefined) return tooOldFailure(program, tooOld[1], tooOld[2] ?? "", delveVersion);
  const tooNew = /Delve is too old for Go version (\S+) \(maximum supported version ([\d.]+)/.exec(printed);
  if (tooNew?.[1] !== undefined) return tooNewFailure(program, tooNew[1], delveVersion);
  if (/could not open debug info|debuggee must not be built with|no DWARF|strip debug info/i.test(printed)) {
    return strippedFailure(program, delveVersion);
  }
  if (/only-same-user|from different user/.test(printed)) {
    return new StepFailure("Delve accepts connections of its own user only, and casebook connects as another", {
      remedy: "run casebook as the user that `become` names",
    });
  }
  const words = printed
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("API server listening at"))
    .slice(-3)
    .join(" ⏎ ");
  return new StepFailure(`Delve could not start ${program}: ${words === "" ? "it left without a word" : words}`);
}
