/** A signal with a time limit; disposing it stops the clock. */
export interface TimeLimit extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * Aborts with the outer signal, or when the time is over. `AbortSignal.any` does not do for that: it holds its sources
 * weakly, so that an `AbortSignal.timeout` among them is collected as garbage and never fires
 * (https://github.com/nodejs/node/issues/54614).
 */
export function timeLimit(outer: AbortSignal, milliseconds: number): TimeLimit {
  const controller = new AbortController();
  const end = (): void => controller.abort(outer.reason);
  const timer = setTimeout(() => controller.abort(new Error(`not within ${milliseconds} ms`)), milliseconds);
  outer.addEventListener("abort", end, { once: true });
  if (outer.aborted) end();
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      outer.removeEventListener("abort", end);
    },
  };
}
