import { StepFailure } from "../../model/step-kind.js";
import { strippedFailure, tooNewFailure, tooOldFailure } from "../program/compatibility.js";

/**
 * Why Delve could not start, from what it printed before it left.
 * @param program what it was to debug, for the message
 */
export function launchFailure(printed: string, program: string, delveVersion: string): StepFailure {
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
