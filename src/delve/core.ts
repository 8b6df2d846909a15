import { randomUUID } from "node:crypto";
import type { StepContext } from "../model/step-kind.js";
import { refuseMismatch } from "./compatibility.js";
import { programOfCore } from "./core-file.js";
import { readExecutable } from "./executable.js";
import { findDelve } from "./find-delve.js";
import { executedEnding, findProgram, type Launched } from "./launch.js";
import { serve } from "./serve.js";
import { DelveSession } from "./session.js";
import { SourceFiles } from "./source-files.js";
import { StopClock } from "./stop-clock.js";
import { supervised } from "./supervise.js";
import { debuggerToken } from "./token.js";

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
  const mark = randomUUID();
  const clock = new StopClock(null);
  const { held, client, state } = await serve(
    {
      delve,
      mode: ["core", program, path],
      args: [],
      cwd: null,
      program: `${program} with ${path}`,
      ending: executedEnding,
      supervise: (command) => supervised(mark, command),
      stdin: false,
      multiclient: false,
      change: ({ identity }) => ({
        what: `started Delve on ${path}, process ${identity.pid}`,
        undo: "SIGTERM to Delve",
        token: debuggerToken(identity),
      }),
      begin: () => {},
      tooLate: clock.usedUp,
    },
    context,
  );
  const session = new DelveSession(client, state, {
    version: delve.version ?? "unknown",
    clock,
    runsOn: false,
    debugInformation: executable.debugInformation,
    sources: new SourceFiles(target),
    watcher: { stopped: context.processStopped, resumed: context.processResumed, passed: context.processPassed },
    arm: () => {},
    trapPending: async () => false,
  });
  session.cannotRun("the program has ended, and a core file cannot run");
  return {
    session,
    async end(signal) {
      session.release();
      await held.stop(signal);
      client.close();
    },
  };
}
