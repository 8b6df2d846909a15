import { setImmediate } from "node:timers/promises";
import type { Step } from "../model/runbook.js";
import type { OfStep } from "../model/step-event.js";
import { StepFailure } from "../model/step-kind.js";
import type { Taken } from "../model/taken.js";
import type { ValueObject } from "../model/value.js";
import type { Bound } from "./bound.js";
import { cancellation, deadline, describe, endsRun } from "./cancel.js";
import { createContext, type LiveContext } from "./context.js";
import type { Frame } from "./run-state.js";
import { type Origin, RecordedFailure } from "./source.js";

/** What one attempt of a step brought: what was collected, what was read from it, and why it failed, if it did. */
export interface Attempt {
  /** Which one it was, from 1. */
  readonly number: number;
  readonly observation: unknown;
  readonly result: ValueObject | null;
  /** null: it succeeded. */
  readonly failure: string | null;
  readonly remedy: string | null;
  /** Why collecting failed or was cut short: a part of `failure` that stands whatever is made of the observation. */
  readonly uncollected: string | null;
  /** When the observation was made, if not now. */
  readonly taken: Taken | null;
  /** The whole run has to end. */
  readonly endsRun: boolean;
  /** Something that is no answer of the world was thrown: a bug, to be thrown again once all is put back. */
  readonly bug: unknown;
}

export const succeeded = (observation: unknown, result: ValueObject): Attempt => ({
  number: 1,
  observation,
  result,
  failure: null,
  remedy: null,
  uncollected: null,
  taken: null,
  endsRun: false,
  bug: null,
});

/** One attempt of a plain step: collects, reads, puts back what it announced. */
export async function attempt(step: Step, of: OfStep, bound: Bound, frame: Frame): Promise<Attempt> {
  const { kind } = step;
  const { spec } = bound.binding;
  const { run } = frame;
  using limit = deadline(frame.signal, bound.timeout);
  const live = createContext(step, of, frame, limit, bound.env);
  const asking = {
    step,
    of,
    bound,
    context: live.context,
    files: run.files,
    recorder: run.recorder,
    within: run.within.files,
  };
  let attempted: Attempt;
  let seen: Seen | null = null;
  try {
    seen = await run.source.observe(asking);
    await live.closeCaptures();
    const result = await kind.read(spec, seen.observation, run.files);
    const { taken, uncollected } = seen;
    const failure = limit.signal.aborted ? null : (uncollected ?? kind.failure?.(spec, result) ?? null);
    attempted = { ...succeeded(seen.observation, result), failure, taken, uncollected };
  } catch (error) {
    attempted = failed(error, limit.signal, seen);
  }
  // Ctrl-C on a terminal also ends a child that is just being started, and node tells of signals last: what failed may have been
  // interrupted.
  if (attempted.failure !== null) await setImmediate();
  const lost = await run.changes.undo(of.span);
  return ended(await closed(attempted, live), limit.signal, lost);
}

/** Ends the streams of an attempt, whatever it came to: that they cannot be ended is its failure, and no reason to leave anything changed. */
export async function closed(attempted: Attempt, live: LiveContext): Promise<Attempt> {
  try {
    await live.closeCaptures();
    return attempted;
  } catch (error) {
    const { failure, endsRun, bug } = failed(error, notAborted, null);
    return { ...attempted, failure: attempted.failure ?? failure, endsRun, bug: attempted.bug ?? bug };
  }
}

const notAborted = new AbortController().signal;

/** An observation that was collected, whatever comes of reading it. */
export type Seen = Origin & { readonly observation: unknown };

/**
 * What a thrown thing means for a step: the world's answer, the end of its time, or a bug.
 *
 * @param seen what was collected before; null: collecting itself failed
 */
export function failed(error: unknown, signal: AbortSignal, seen: Seen | null): Attempt {
  const nothing = {
    number: 1,
    observation: seen === null && error instanceof StepFailure ? error.observed : (seen?.observation ?? null),
    taken: error instanceof RecordedFailure ? error.taken : (seen?.taken ?? null),
    result: null,
    remedy: null,
    endsRun: false,
    bug: null,
  };
  const failure = (message: string) => ({
    failure: message,
    uncollected: seen === null ? message : seen.uncollected,
  });
  if (error instanceof StepFailure) return { ...nothing, ...failure(error.message), remedy: error.remedy };
  if (signal.aborted) return { ...nothing, ...failure(describe(cancellation(signal))) };
  // Reading touches nothing but evidence.
  const { code } = error as NodeJS.ErrnoException;
  if (seen !== null && code !== undefined) return { ...nothing, ...failure(`the evidence cannot be read (${code})`) };
  const text = error instanceof Error ? error.message : String(error);
  return { ...nothing, ...failure(`a bug of casebook: ${text}`), endsRun: true, bug: error };
}

/** The attempt in the light of how its time ended and of what could not be put back. */
export function ended(attempted: Attempt, signal: AbortSignal, lost: readonly string[]): Attempt {
  const why = signal.aborted ? cancellation(signal) : null;
  const withEnding = (before: string | null): string | null => {
    const reasons = before === null ? [] : [before];
    if (why !== null && !reasons.includes(describe(why))) reasons.unshift(describe(why));
    if (lost.length > 0) reasons.push(`could not be put back: ${lost.join("; ")}`);
    return reasons.length === 0 ? null : reasons.join("; ");
  };
  return {
    ...attempted,
    failure: withEnding(attempted.failure),
    uncollected: withEnding(attempted.uncollected),
    endsRun: attempted.endsRun || (why !== null && endsRun(why)),
  };
}

/** When an attempt's observation was made: conditions see that, though it may be long ago. */
export function observedAt({ taken }: Attempt, now: ValueObject): ValueObject {
  if (taken === null) return now;
  const { started_at, finished_at, milliseconds } = taken;
  return { started_at: new Date(started_at), finished_at: new Date(finished_at), milliseconds };
}
