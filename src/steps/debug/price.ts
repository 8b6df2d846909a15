import { DelveError } from "../../delve/rpc/json-rpc.js";
import type { DelveSession } from "../../delve/session/session.js";
import { printed } from "../../delve/values/value-tree.js";
import { StepFailure } from "../../model/step-kind.js";
import type { PlannedCommand } from "./spec.js";

/** From here on a list of goroutines costs more than a moment. */
const cheapLimit = 500;

/** What a command would cost a program with thousands of goroutines, behind the command in a plan; empty when it costs little. */
export function priceOf({ goroutines }: PlannedCommand): string {
  if (goroutines === undefined) return "";
  const { at, with: filter, group_by, limit } = goroutines;
  const each = at === undefined ? "0.1 to 0.5" : "1 to 2";
  const price = `: the program stands ${each} s for each thousand of them`;
  if (group_by !== undefined || at !== undefined || filter !== undefined) return `  # looks at every goroutine${price}`;
  return limit !== undefined && !(Number(limit) <= cheapLimit) ? `  # looks at up to ${limit} goroutines${price}` : "";
}

/** Watches what a long list costs while the program stands, so that it is given up before the session is. */
export class Price {
  readonly #session: DelveSession;
  readonly #since = performance.now();
  #all: number | null = null;

  constructor(session: DelveSession) {
    this.#session = session;
  }

  /**
   * @param done goroutines that were looked at
   * @param wanted how many are; null: all
   * @throws StepFailure when the rest would take longer than the program may stand
   */
  async check(done: number, wanted: number | null, signal: AbortSignal): Promise<void> {
    const { stopLeft } = this.#session;
    if (stopLeft === null) return;
    this.#all ??= await countGoroutines(this.#session, signal);
    if (this.#all === null) return;
    const rest = Math.min(wanted ?? this.#all, this.#all) - done;
    const milliseconds = (rest * (performance.now() - this.#since)) / done;
    if (milliseconds < stopLeft) return;
    throw new StepFailure(
      `goroutines: ${rest} more of ${this.#all} would take about ${(milliseconds / 1000).toFixed(1)} s, and the program may stand ` +
        `${(stopLeft / 1000).toFixed(1)} s more`,
      { remedy: "ask for fewer with limit, or raise max_stopped of the delve step" },
    );
  }
}

/** How many goroutines the runtime knows, also ended ones; null when it does not say. */
async function countGoroutines(session: DelveSession, signal: AbortSignal): Promise<number | null> {
  try {
    const scope = { GoroutineID: -1, Frame: 0 };
    const { value } = await session.client.eval(scope, "runtime.allglen", printed, signal);
    return /^\d+$/.test(value) ? Number(value) : null;
  } catch (error) {
    // A program without debug information has no such name.
    if (error instanceof DelveError) return null;
    throw error;
  }
}
