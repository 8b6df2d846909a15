import type { Step } from "../model/runbook.js";
import type { OfStep } from "../model/step-event.js";
import { StepFailure } from "../model/step-kind.js";
import { deadline } from "./cancel.js";
import { recordingTarget } from "./recording-target.js";
import type { Frame } from "./run-state.js";

/** How long noting how something stands may keep a step from beginning. */
const markMilliseconds = 10_000;

/** The steps that want to note how something stands when another step begins, by that step's id. */
export function markersOf(steps: readonly Step[]): ReadonlyMap<string, readonly Step[]> {
  const markers = new Map<string, Step[]>();
  const look = (list: readonly Step[]): void => {
    for (const step of list) {
      const at = step.kind.mark === undefined ? null : (step.kind.markAt?.(step.written) ?? null);
      if (at !== null) markers.set(at, [...(markers.get(at) ?? []), step]);
      look(step.during ?? []);
    }
  };
  look(steps);
  return markers;
}

/**
 * Lets later steps note how things stand as a step begins, and writes it down. What cannot be noted, because a name has no value yet or the host
 * refuses, is not: the later step then finds no mark.
 */
export async function takeMarks(id: string, of: OfStep, { run, signal }: Frame): Promise<void> {
  for (const step of run.markers.get(id) ?? []) {
    const bound = run.source.isLive(step) ? step.bind.render(run.scope) : null;
    if (bound?.ok !== true) continue;
    using limit = deadline(signal, markMilliseconds);
    const base = step.become === null ? run.target : run.target.as(step.become);
    const target = recordingTarget(base, of, step.become, run.recorder, run.counters);
    try {
      const mark = await step.kind.mark?.(bound.value.spec, { target, signal: limit.signal });
      if (mark === undefined) continue;
      run.marks.set(step.key, mark);
      run.recorder.emit({ type: "mark-noted", ...of, for: `${run.within.steps}${step.key}`, mark });
    } catch (error) {
      if (!(error instanceof StepFailure) && !limit.signal.aborted) throw error;
    }
  }
}
