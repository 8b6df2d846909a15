import type { StepContext } from "../../model/step-kind.js";
import { refuseMismatch } from "../program/compatibility.js";
import { programOfCore } from "../program/core-file.js";
import { readExecutable } from "../program/executable.js";
import { findDelve } from "../program/find-delve.js";
import { findProgram } from "../program/find-program.js";
import { StopClock } from "../session/stop-clock.js";
import { launch } from "./launch.js";
import type { Launched } from "./served-session.js";

export interface CoreDump {
  /** The core file's path on the host. */
  readonly path: string;
  /** The executable's; null: the one that the core file names. */
  readonly program: string | null;
}

/** Looks at a program that has ended, as its core file shows it. @throws StepFailure that says what is wrong with which file */
export async function openCore({ path, program: given }: CoreDump, context: StepContext): Promise<Launched> {
  const { target, signal } = context;
  const delve = await findDelve(target, signal);
  const named = given ?? (await programOfCore(target, path, signal));
  const program = await findProgram({ argv: [named], cwd: null }, target, signal);
  const executable = await readExecutable(target, program, signal);
  refuseMismatch(program, executable, delve);
  const launched = await launch(
    {
      delve,
      executable,
      mode: ["core", program, path],
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
  return launched;
}
