import type { StepContext } from "../model/step-kind.js";
import { refuseMismatch } from "./compatibility.js";
import { readExecutable } from "./executable.js";
import { findDelve } from "./find-delve.js";
import type { Launched } from "./launch.js";
import { Lease } from "./lease.js";
import { attachedEnding, leashed } from "./leash.js";
import { awaitsTrap } from "./let-go.js";
import { examineProgram } from "./running-program.js";
import { serve } from "./serve.js";
import { DelveSession } from "./session.js";
import { watcherOf } from "./session-parts.js";
import { SourceFiles } from "./source-files.js";
import { StopClock } from "./stop-clock.js";
import { attachedToken } from "./token.js";

/** How long a program that was running may stand still in all, when the author does not say. */
export const defaultBudgetMilliseconds = 10_000;

export interface Attachment {
  /** Finds the program, or waits for it. */
  find(): Promise<number>;
  /** Milliseconds that the program may stand in all, the attach included. */
  readonly budget: number;
}

/**
 * Attaches Delve to a program that runs, and lets it run on at once. Whatever could keep Delve from it is found out before it is stopped.
 * @throws StepFailure that says why not
 */
export async function attach({ find, budget }: Attachment, context: StepContext): Promise<Launched> {
  const { target, signal } = context;
  const delve = await findDelve(target, signal);
  const pid = await find();
  const program = await examineProgram(target, pid, signal);
  const executable = await readExecutable(target, program.link, signal, program.title);
  refuseMismatch(program.title, executable, delve);
  const clock = new StopClock(budget);
  let lease: Lease | null = null;
  const letGo = (): void => {
    lease?.[Symbol.dispose]();
    clock.dispose();
  };
  const watcher = watcherOf(context);
  try {
    const { held, client, state } = await serve(
      {
        delve,
        mode: ["attach", String(pid)],
        args: [],
        cwd: null,
        program: program.title,
        ending: attachedEnding,
        supervise: (command) => leashed(program.identity, clock, command),
        stdin: true,
        // Delve would halt the program when its one client is gone; that is the leash's part, which does it safely.
        multiclient: true,
        change: ({ identity }) => ({
          what: `attached Delve to ${program.title}, which stands still for at most ${budget / 1000} s in all`,
          undo: `Delve (under process ${identity.pid}) lets go of it`,
          token: attachedToken(identity, program.identity),
        }),
        begin(held) {
          // Delve tells nobody when it stops the program: all the time until its first answer counts.
          clock.stopped();
          watcher.stopped(pid, "Delve attaches");
          if (held.stdin !== null) lease = new Lease(held.stdin, clock);
        },
        tooLate: clock.usedUp,
      },
      context,
    );
    const session = new DelveSession(client, state, {
      version: delve.version ?? "unknown",
      clock,
      runsOn: true,
      debugInformation: executable.debugInformation,
      sources: new SourceFiles(target),
      watcher,
      arm: (armed) => lease?.arm(armed),
      trapPending: () => awaitsTrap(target, pid, signal),
    });
    session.letRun();
    return {
      session,
      async end(signal) {
        letGo();
        await held.stop(signal);
        client.close();
      },
    };
  } catch (error) {
    letGo();
    throw error;
  }
}
