import type { Interrupted } from "../model/event.js";

/**
 * Why work has to end: a person or the system, the run's own deadline, a step's, an instrument that broke, a lost connection, a full
 * disk, or a bug that no step could catch.
 */
export type Cancellation =
  | { readonly by: Interrupted["by"] }
  | { readonly by: "step-timeout"; readonly milliseconds: number }
  | { readonly by: "broken"; readonly why: string }
  | { readonly by: "lost"; readonly why: string }
  | { readonly by: "disk-full" }
  | { readonly by: "bug"; readonly error: unknown };

/** An abort reason is always one of these here; anything else that aborts a signal counts as an interruption. */
export function cancellation(signal: AbortSignal): Cancellation {
  const reason: unknown = signal.reason;
  return typeof reason === "object" && reason !== null && "by" in reason ? (reason as Cancellation) : { by: "INT" };
}

/** Whether the whole run ends, not just the step. */
export const endsRun = (why: Cancellation): boolean => why.by !== "step-timeout" && why.by !== "broken";

/** The sentence for a report. */
export function describe(why: Cancellation): string {
  switch (why.by) {
    case "INT":
      return "interrupted";
    case "TERM":
      return "terminated";
    case "HUP":
      return "the terminal hung up";
    case "timeout":
      return "the run's time was used up";
    case "restore":
      return "the run died";
    case "step-timeout":
      return `timed out after ${seconds(why.milliseconds)}`;
    case "broken":
    case "lost":
      return why.why;
    case "disk-full":
      return "the disk that holds the case is full: free some space, then run again";
    case "bug":
      return `a bug of casebook: ${why.error instanceof Error ? why.error.message : String(why.error)}`;
    default:
      return why satisfies never;
  }
}

const seconds = (milliseconds: number): string =>
  milliseconds < 1000 ? `${milliseconds} ms` : `${Number((milliseconds / 1000).toFixed(1))} s`;

/** A signal below another: it aborts with it, or by itself. Disposal unhooks it, so that a parent of many steps stays small. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
  abort(why: Cancellation): void;
}

/** @param milliseconds null: no deadline of its own */
export function deadline(parent: AbortSignal, milliseconds: number | null): Deadline {
  const controller = new AbortController();
  const follow = (): void => controller.abort(parent.reason);
  if (parent.aborted) follow();
  else parent.addEventListener("abort", follow, { once: true });
  const timer =
    milliseconds === null
      ? null
      : setTimeout(() => controller.abort({ by: "step-timeout", milliseconds } satisfies Cancellation), milliseconds);
  return {
    signal: controller.signal,
    abort: (why) => controller.abort(why),
    [Symbol.dispose]() {
      parent.removeEventListener("abort", follow);
      if (timer !== null) clearTimeout(timer);
    },
  };
}

/** Resolves true when the time has passed, false when the signal aborted before. */
export function wait(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const end = (passed: boolean) => (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      resolve(passed);
    };
    const stop = end(false);
    const timer = setTimeout(end(true), milliseconds);
    signal.addEventListener("abort", stop, { once: true });
  });
}
