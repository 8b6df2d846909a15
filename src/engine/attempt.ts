import { setImmediate } from "node:timers/promises";
import type { OfStep } from "../model/event.js";
import type { Step } from "../model/runbook.js";
import { StepFailure } from "../model/step-kind.js";
import type { ValueObject } from "../model/value.js";
import type { Bound } from "./bound.js";
import { cancellation, deadline, describe, endsRun } from "./cancel.js";
import { createContext } from "./context.js";
import type { Frame } from "./run-state.js";

/** What one attempt of a step brought: what was collected, what was read from it, and why it failed, if it did. */
export interface Attempt {
  readonly observation: unknown;
  readonly result: ValueObject | null;
  /** null: it succeeded. */
  readonly failure: string | null;
  readonly remedy: string | null;
  /** The whole run has to end. */
  readonly endsRun: boolean;
  /** Something that is no answer of the world was thrown: a bug, to be thrown again once all is put back. */
  readonly bug: unknown;
}

export const succeeded = (observation: unknown, result: ValueObject): Attempt => ({
  observation,
  result,
  failure: null,
  remedy: null,
  endsRun: false,
  bug: null,
});

/** One attempt of a plain step: collects, puts back what it announced, reads. */
export async function attempt(step: Step, of: OfStep, bound: Bound, frame: Frame): Promise<Attempt> {
  const { kind } = step;
  const { spec } = bound.binding;
  const { run } = frame;
  if (kind.observe === undefined) throw new Error(`step kind ${kind.name} needs a during list to open`);
  using limit = deadline(frame.signal, bound.timeout);
  const live = createContext(step, of, frame, limit, bound.env);
  let attempted: Attempt;
  try {
    const observation = await kind.observe(spec, live.context);
    await live.closeCaptures();
    const result = await kind.read(spec, observation, run.files);
    const failure = limit.signal.aborted ? null : (kind.failure?.(spec, result) ?? null);
    attempted = { ...succeeded(observation, result), failure };
  } catch (error) {
    await live.closeCaptures();
    attempted = failed(error, limit.signal);
  }
  // Ctrl-C on a terminal also ends a child that is just being started, and node tells of signals last: what failed may have been
  // interrupted.
  if (attempted.failure !== null) await setImmediate();
  const lost = await run.changes.undo(of.span);
  return ended(attempted, limit.signal, lost);
}

/** What a thrown thing means for a step: the world's answer, the end of its time, or a bug. */
export function failed(error: unknown, signal: AbortSignal): Attempt {
  const nothing = { observation: null, result: null, remedy: null, endsRun: false, bug: null };
  if (error instanceof StepFailure) {
    return { ...nothing, observation: error.observed, failure: error.message, remedy: error.remedy };
  }
  if (signal.aborted) return { ...nothing, failure: describe(cancellation(signal)) };
  const text = error instanceof Error ? error.message : String(error);
  return { ...nothing, failure: `a bug of casebook: ${text}`, endsRun: true, bug: error };
}

/** The attempt in the light of how its time ended and of what could not be put back. */
export function ended(attempted: Attempt, signal: AbortSignal, lost: readonly string[]): Attempt {
  const reasons = [...(attempted.failure === null ? [] : [attempted.failure])];
  let over = attempted.endsRun;
  if (signal.aborted) {
    const why = cancellation(signal);
    over ||= endsRun(why);
    if (!reasons.includes(describe(why))) reasons.unshift(describe(why));
  }
  if (lost.length > 0) reasons.push(`could not be put back: ${lost.join("; ")}`);
  return { ...attempted, failure: reasons.length === 0 ? null : reasons.join("; "), endsRun: over };
}
