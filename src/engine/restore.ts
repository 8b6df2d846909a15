import type { Event } from "../model/event.js";
import type { ChangeAnnounced, ChangeUndone } from "../model/step-event.js";
import type { StepKinds, Undone } from "../model/step-kind.js";
import type { Target } from "../model/target.js";
import type { Counters, Recorder } from "./recorder.js";
import { recordingTarget } from "./recording-target.js";
import { undoOne } from "./undo-one.js";

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

/** What putting back needs. */
export interface RestoreOptions {
  readonly kinds: StepKinds;
  readonly target: Target;
  readonly recorder: Recorder;
  readonly counters: Counters;
  readonly now: () => Date;
  /** Once aborted, no further change is begun to be put back. */
  readonly signal: AbortSignal;
}

/** Puts back outstanding changes, from the journal alone; safe to repeat. Each is written down as it is done. */
export async function restore(
  changes: readonly ChangeAnnounced[],
  { kinds, target, recorder, counters, now, signal }: RestoreOptions,
): Promise<readonly Restored[]> {
  const restored: Restored[] = [];
  for (const [index, change] of changes.entries()) {
    if (signal.aborted) return [...restored, ...notPutBack(changes.slice(index), "interrupted before it was begun")];
    const { step, span, parent, iteration, attempt } = change;
    const of = { step, span, parent, iteration, attempt };
    const base = change.user === null ? target : target.as(change.user);
    const recording = recordingTarget(base, of, change.user, recorder, counters);
    const undone = await undoOne(change, kinds.get(change.kind), recording, now);
    const how = undone.state === "cannot" ? undone.why : undone.how;
    recorder.emit(
      { type: "change-undone", ...of, change: change.change, state: undone.state, how } satisfies ChangeUndone,
      true,
    );
    restored.push({ change, undone });
  }
  return restored;
}

/** Changes that nothing was done about, with the reason. */
export const notPutBack = (changes: readonly ChangeAnnounced[], why: string): readonly Restored[] =>
  changes.map((change) => ({ change, undone: { state: "cannot", why } }));
