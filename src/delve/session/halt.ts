import type { DelveClient } from "../rpc/rpc-client.js";

/** How often a halt is repeated: one that arrives before the program runs is without effect. */
const againMilliseconds = 500;

/** A debugger that has not reacted after this long has lost its connection. */
export const haltMilliseconds = 10_000;

/** Asks for a halt until the pending command has ended or `done` aborts; a debugger that does not react breaks the session. */
export async function haltUntil(pending: Promise<unknown>, done: AbortSignal, client: DelveClient): Promise<void> {
  const ask = (): void => {
    // The answer is that of the pending command; a refusal means that the program stands already.
    client.command({ name: "halt" }).then(ignore, ignore);
  };
  ask();
  const again = setInterval(ask, againMilliseconds);
  const late = setTimeout(() => client.close(), haltMilliseconds);
  done.addEventListener("abort", () => {
    clearInterval(again);
    clearTimeout(late);
  });
  await pending.then(ignore, ignore);
}

const ignore = (): void => {};
