import type { Target } from "../model/target.js";
import type { Recorder } from "./recorder.js";

/** How long a host may take to be there again. */
const reconnectMilliseconds = 30_000;

/** Makes sure that the host can be reached before something is put back there: a sentence why it cannot, or null. */
export type Reach = () => Promise<string | null>;

/** After a loss it connects once more, and only once. @param connected called when the host is there again */
export function reacher(target: Target, connected: () => void): Reach {
  let again: Promise<string | null> | null = null;
  const reconnect = async (): Promise<string | null> => {
    const signal = AbortSignal.timeout(reconnectMilliseconds);
    try {
      await target.reconnect(signal);
      connected();
      return null;
    } catch (error) {
      const why = signal.aborted ? `no answer within ${reconnectMilliseconds / 1000} s` : message(error);
      return `the host could not be reached again: ${why}`;
    }
  };
  return async () => {
    if (!target.lost.aborted) return null;
    again ??= reconnect();
    return await again;
  };
}

/** Notes that the connection was lost, now or already, and calls `lost`. Disposed, it does no more. */
export function watchLoss(target: Target, recorder: Recorder, lost: () => void): Disposable {
  const note = (): void => {
    recorder.emit({ type: "target-lost", host: target.name, why: String(target.lost.reason) }, true);
    lost();
  };
  if (target.lost.aborted) note();
  else target.lost.addEventListener("abort", note, { once: true });
  return { [Symbol.dispose]: () => target.lost.removeEventListener("abort", note) };
}

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));
