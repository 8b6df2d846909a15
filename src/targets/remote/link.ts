import { StepFailure } from "../../model/step-kind.js";
import { describeLoss } from "../../model/target.js";
import { Control } from "./control.js";
import type { Way } from "./way.js";

/** An open connection to a host. */
export interface Link {
  /** The host's, as in `--host`. */
  readonly name: string;
  readonly way: Way;
  readonly control: Control;
  /** Aborts when the connection has gone without being closed; its reason is what was said last. */
  readonly lost: AbortSignal;
  /** Ends the guard, and with it what is left on the host, and the way there. */
  close(): Promise<void>;
}

/** How long the guard on the host may take to end what is left. */
const closeMilliseconds = 70_000;

/** @param name as in `--host`. Rejects with `TargetUnavailable`, or with the signal's reason. */
export async function openLink(name: string, way: Way, signal: AbortSignal): Promise<Link> {
  let control: Control;
  try {
    control = await Control.open(way, signal);
  } catch (error) {
    await way[Symbol.asyncDispose]();
    throw error;
  }
  const losing = new AbortController();
  let closing = false;
  void control.gone.then((last) => {
    if (!closing) losing.abort(last);
  });
  return {
    name,
    way,
    control,
    lost: losing.signal,
    async close() {
      closing = true;
      await control.close(closeMilliseconds);
      await way[Symbol.asyncDispose]();
    },
  };
}

/** What fails with the connection fails with the same words as the run. */
export const lostFailure = (link: Link): StepFailure => new StepFailure(describeLoss(link));
