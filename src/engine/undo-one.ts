import type { Json } from "../model/json.js";
import type { AnyStepKind, Undone } from "../model/step-kind.js";
import type { Target } from "../model/target.js";

/** How long putting one thing back may take; it has this deadline of its own, whatever became of the step. */
const undoMilliseconds = 30_000;

/** An announced change, as far as undoing it goes. */
export interface Undoable {
  readonly kind: string;
  readonly token: Json;
}

/**
 * Puts one announced change back. Never rejects: whatever went wrong, the change stands, and that is what the reader must learn.
 *
 * @param kind of the step that announced it; undefined where this casebook has none of that name
 */
export async function undoOne(
  change: Undoable,
  kind: AnyStepKind | undefined,
  target: Target,
  now: () => Date,
): Promise<Undone> {
  if (kind?.undo === undefined) {
    return { state: "cannot", why: `this casebook has no step kind ${change.kind} that could undo it` };
  }
  const signal = AbortSignal.timeout(undoMilliseconds);
  try {
    return await kind.undo(change.token, { target, signal, now });
  } catch (error) {
    if (signal.aborted) return { state: "cannot", why: `not within ${undoMilliseconds / 1000} s` };
    return { state: "cannot", why: error instanceof Error ? error.message : String(error) };
  }
}
