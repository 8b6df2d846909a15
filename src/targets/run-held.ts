import type { Exit, HeldProcess } from "../model/target.js";

/** How long a process that does not end by its ending is waited for. */
const endMilliseconds = 60_000;

/** Runs a held process to its end; when the signal aborts it is ended in its way. */
export async function runHeld(held: HeldProcess, signal: AbortSignal): Promise<Exit> {
  const abort = (): void => {
    held.stop(AbortSignal.timeout(endMilliseconds)).catch(() => {}); // `exit` tells how it ended
  };
  held.release();
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
  const exit = await held.exit;
  signal.removeEventListener("abort", abort);
  return exit;
}
