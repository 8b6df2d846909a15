import type { StepContext } from "../../model/step-kind.js";
import type { HeldProcess } from "../../model/target.js";
import { Lease } from "../guard/lease.js";
import { attachedEnding, leashed } from "../guard/leash.js";
import { awaitsTrap } from "../guard/let-go.js";
import { attachedToken } from "../guard/token.js";
import { refuseMismatch } from "../program/compatibility.js";
import { readExecutable } from "../program/executable.js";
import { findDelve } from "../program/find-delve.js";
import { examineProgram } from "../program/running-program.js";
import { watcherOf } from "../session/session-parts.js";
import { StopClock } from "../session/stop-clock.js";
import { type Launched, serveSession } from "./served-session.js";

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
  const watcher = watcherOf(context);
  let begun: HeldProcess | null = null;
  const attaching = serveSession(
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
        begun = held;
        clock.stopped();
        watcher.stopped(pid, "Delve attaches");
        if (held.stdin !== null) lease = new Lease(held.stdin, clock);
      },
    },
    {
      executable,
      clock,
      runsOn: true,
      arm: (armed) => lease?.arm(armed),
      trapPending: () => awaitsTrap(target, pid, signal),
      release() {
        lease?.[Symbol.dispose]();
        clock.dispose();
      },
    },
    context,
  );
  try {
    const launched = await attaching;
    launched.session.letRun();
    return launched;
  } catch (error) {
    await letGo(begun, () => watcher.resumed(pid, Math.round(clock.standing ?? 0)));
    throw error;
  }
}

/** A Delve that has the program for nothing lets go of it; one that does not is a matter of undoing what was announced. */
async function letGo(delve: HeldProcess | null, done: () => void): Promise<void> {
  const gone = await delve?.stop(AbortSignal.timeout(attachedEnding.graceMilliseconds)).then(
    () => true,
    () => false,
  );
  if (gone === true) done();
}
