import { StepFailure } from "../model/step-kind.js";
import type { Ending, Exit } from "../model/target.js";

/** A process that runs, and how it is reached. */
export interface Stoppable {
  readonly pid: number;
  readonly ending: Ending;
  readonly exit: Promise<Exit>;
  /** Sends a signal to its group. */
  send(signal: Ending["signal"]): void;
}

/** Ends a process in its way and waits. Rejects with a `StepFailure` when it still runs as the signal aborts. */
export async function stopHeld({ pid, ending, exit, send }: Stoppable, signal: AbortSignal): Promise<Exit> {
  send(ending.signal);
  const timer = ending.kill ? setTimeout(() => send("KILL"), ending.graceMilliseconds) : null;
  const late = (): StepFailure => {
    const by = ending.kill ? `SIG${ending.signal} and SIGKILL` : `SIG${ending.signal}`;
    return new StepFailure(`expected process ${pid} to end by ${by}, found that it still runs`);
  };
  const waited = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(late());
    else signal.addEventListener("abort", () => reject(late()), { once: true, signal: waited.signal });
  });
  try {
    return await Promise.race([exit, aborted]);
  } finally {
    waited.abort();
    if (timer !== null) clearTimeout(timer);
  }
}
