import type { Event } from "../model/event.js";
import type { ChangeAnnounced, ChangeUndone } from "../model/step-event.js";
import type { StepKinds, Undone } from "../model/step-kind.js";
import type { Target } from "../model/target.js";
import { undoMilliseconds } from "./changes.js";
import type { Counters, Recorder } from "./recorder.js";
import { recordingTarget } from "./recording-target.js";

/** One announced change and what became of it. */
export interface Restored {
  readonly change: ChangeAnnounced;
  readonly undone: Undone;
}

/** What a journal announces and does not say was put back, the last change first. */
export function outstandingChanges(events: readonly Event[]): readonly ChangeAnnounced[] {
  const open = new Map<number, ChangeAnnounced>();
  for (const event of events) {
    if (event.type === "change-announced") open.set(event.change, event);
    if (event.type === "change-undone" && event.state !== "cannot") open.delete(event.change);
  }
  return [...open.values()].reverse();
}

/** Puts back outstanding changes, from the journal alone; safe to repeat. Each is written down as it is done. */
export async function restore(
  changes: readonly ChangeAnnounced[],
  kinds: StepKinds,
  target: Target,
  recorder: Recorder,
  counters: Counters,
  now: () => Date,
): Promise<readonly Restored[]> {
  const restored: Restored[] = [];
  for (const change of changes) {
    const { step, span, parent, iteration, attempt } = change;
    const of = { step, span, parent, iteration, attempt };
    const base = change.user === null ? target : target.as(change.user);
    const undone = await undoOne(change, kinds, recordingTarget(base, of, change.user, recorder, counters), now);
    const how = undone.state === "cannot" ? undone.why : undone.how;
    recorder.emit(
      { type: "change-undone", ...of, change: change.change, state: undone.state, how } satisfies ChangeUndone,
      true,
    );
    restored.push({ change, undone });
  }
  return restored;
}

async function undoOne(change: ChangeAnnounced, kinds: StepKinds, target: Target, now: () => Date): Promise<Undone> {
  const kind = kinds.get(change.kind);
  if (kind?.undo === undefined) {
    return { state: "cannot", why: `this casebook has no step kind ${change.kind} that could undo it` };
  }
  try {
    return await kind.undo(change.token, { target, signal: AbortSignal.timeout(undoMilliseconds), now });
  } catch (error) {
    // The change stands, whatever the reason: that is what must be told.
    return { state: "cannot", why: error instanceof Error ? error.message : String(error) };
  }
}
