import { StepFailure } from "../model/step-kind.js";
import { ConnectionLost, DelveError } from "./rpc-client.js";

/** What Delve's refusal means for a step. Gives back anything else as it is. */
export function asFailure(error: unknown, doing: string): unknown {
  if (error instanceof DelveError) return new StepFailure(`${doing}: ${error.message}`, { cause: error });
  if (error instanceof ConnectionLost) {
    return new StepFailure(`${doing}: Delve closed the connection, so the debugging session is over`, { cause: error });
  }
  return error;
}

/**
 * The Delve that debugs programs of a Go version: until Go 1.19 they were released as 1.(n-10), since then under Go's own number.
 * https://github.com/go-delve/delve/blob/master/CHANGELOG.md
 */
export function delveFor(goVersion: string): string | null {
  const minor = minorOf(goVersion);
  if (minor === null) return null;
  return `1.${minor >= 20 ? minor : minor - 10}`;
}

/** 19 of `go1.19.8`; null for a development version. */
export function minorOf(version: string): number | null {
  const found = /(?:^|go)1\.(\d+)/.exec(version)?.[1];
  return found === undefined ? null : Number(found);
}

/**
 * Why Delve could not start, from what it printed before it left.
 * @param program what it was to debug, for the message
 */
export function launchFailure(printed: string, program: string, delveVersion: string | null): StepFailure {
  const delve = `Delve ${delveVersion ?? "of unknown version"}`;
  const tooOld = /Go version (\S+) is too old for this version of Delve \(minimum supported version ([\d.]+)/.exec(
    printed,
  );
  if (tooOld?.[1] !== undefined) {
    return new StepFailure(
      `${delve} debugs programs built with Go ${tooOld[2]} or newer, but ${program} was built with ${tooOld[1]}`,
      {
        remedy: `install Delve ${delveFor(tooOld[1]) ?? "of that time"} on the host, or build ${program} with a newer Go`,
      },
    );
  }
  const tooNew = /Delve is too old for Go version (\S+) \(maximum supported version ([\d.]+)/.exec(printed);
  if (tooNew?.[1] !== undefined) return tooNewFailure(program, tooNew[1], delve);
  if (/could not open debug info|debuggee must not be built with|no DWARF|strip debug info/i.test(printed)) {
    return new StepFailure(`${delve} needs debug information, but ${program} is stripped`, {
      remedy: "build it without -ldflags='-s -w', or install Delve 1.24 or newer, which finds at least its functions",
    });
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

export function tooNewFailure(program: string, goVersion: string, delve: string): StepFailure {
  return new StepFailure(`${program} was built with ${goVersion}, which is too new for ${delve}`, {
    remedy: `install Delve ${delveFor(goVersion) ?? "of that time"} or newer on the host`,
  });
}
