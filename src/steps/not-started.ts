import type { CutText } from "../model/value.js";
import { lastLine } from "./output.js";

/** What was to run, and how it ended. */
interface Started {
  readonly program: string;
  /** Where it was to work, if it was said. */
  readonly cwd: string | undefined;
  readonly exitCode: number | null;
  readonly stderr: string | CutText;
}

/** A shell that is about to become the command names itself and its line: `sh: 5: exec: x: not found`, `file: line 3: cd: /x: …`. */
const complaint = /^.*?: (?:line )?\d+: (.*)$/;

/** Why the command never ran, when that is so: a program may end with 126 or 127 of its own. */
export function notStarted({ program, cwd, exitCode, stderr }: Started): string | null {
  if (exitCode !== 126 && exitCode !== 127) return null;
  const [, said = ""] = complaint.exec(lastLine(stderr)) ?? [];
  if (exitCode === 126 && cwd !== undefined && said.startsWith("cd: ") && said.includes(cwd)) {
    return `expected a folder to work in, found none that may be entered at ${cwd}`;
  }
  // bash leaves the `exec` out for a path.
  const named = said.startsWith(`exec: ${program}: `) || (program.includes("/") && said.startsWith(`${program}: `));
  if (!named) return null;
  const why = said.slice(said.lastIndexOf(": ") + 2);
  return exitCode === 127
    ? `the program ${program} was not found on the host`
    : `the program ${program} could not be executed: ${why}`;
}
