import { type StepContext, StepFailure } from "../../model/step-kind.js";
import { refuseMismatch } from "../program/compatibility.js";
import { readCore } from "../program/core-file.js";
import { readExecutable } from "../program/executable.js";
import { findDelve } from "../program/find-delve.js";
import { findProgram } from "../program/find-program.js";
import { readRange } from "../program/read-range.js";
import { StopClock } from "../session/stop-clock.js";
import { launch } from "./launch.js";
import type { Launched } from "./served-session.js";

export interface CoreDump {
  /** The core file's path on the host. */
  readonly path: string;
  /** The executable's; null: the one that the core file names. */
  readonly program: string | null;
}

/**
 * Looks at a program that has ended, as its core file shows it.
 * @returns also the executable's path
 * @throws StepFailure that says what is wrong with which file
 */
export async function openCore(
  { path, program: given }: CoreDump,
  context: StepContext,
): Promise<Launched & { readonly program: string }> {
  const { target, signal } = context;
  const delve = await findDelve(target, signal);
  const core = await readCore(target, path, signal);
  const named = given ?? core.program;
  if (named === null) {
    throw new StepFailure(`the core file ${path} does not say which program it is of`, {
      remedy: "name the executable with `program`",
    });
  }
  const program = await findProgram({ argv: [named], cwd: null }, target, signal);
  const executable = await readExecutable(target, program, signal);
  refuseMismatch(program, executable, delve);
  const { beginning } = core;
  if (!beginning.equals(await readRange(target, program, 0, beginning.length, signal))) {
    throw new StepFailure(`the core file ${path} is of another program than ${program}, or of another build of it`, {
      remedy: `name the executable that ran with \`program\`${core.program === null ? "" : `: it was ${core.program} then`}`,
    });
  }
  const launched = await launch(
    {
      delve,
      executable,
      // Delve would take a name that begins as an option does for one.
      mode: ["core", program, path.startsWith("-") ? `./${path}` : path],
      args: [],
      cwd: null,
      program: `${program} with ${path}`,
      clock: new StopClock(null),
      what: `started Delve on ${path}`,
      undo: "SIGTERM to Delve",
    },
    context,
  );
  launched.session.cannotRun("the program has ended, and a core file cannot run");
  return { ...launched, program };
}
