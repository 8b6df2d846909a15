import type { DebuggerState, Location, Thread, Variable } from "../rpc/protocol.js";
import { type Frame, toFrame } from "./frames.js";

/** A goroutine that came to a breakpoint. */
export interface Hit {
  readonly goroutine: number;
  readonly breakpoint: number;
  readonly location: Frame;
}

/** What became of letting the program run. */
export interface Stop {
  /** Every goroutine that came to a breakpoint meanwhile, also those that were run past it by a step. */
  readonly hits: readonly Hit[];
  /** What the function returned that was stepped out of. */
  readonly returned: readonly Variable[];
  /** Goroutines other than the stepping one that left or reached a breakpoint: they run while one goroutine steps. */
  readonly moved: readonly Moved[];
}

export interface Moved {
  readonly goroutine: number;
  /** null: it stood at no breakpoint. */
  readonly from: Frame | null;
  /** null: it is at no breakpoint now. */
  readonly to: Frame | null;
}

/** Where a thread stands. */
export const frameOfThread = ({ pc, file, line, function: found }: Thread): Frame =>
  toFrame({ pc, file, line, function: found } satisfies Location);

/** The goroutines that stand at a breakpoint: every thread of a reply is looked at, not only the current one. */
export const hitsOf = (state: DebuggerState): readonly Hit[] =>
  state.Threads.flatMap((thread) =>
    thread.breakPoint === null || thread.goroutineID === 0 || thread.breakPoint.id <= 0
      ? []
      : [{ goroutine: thread.goroutineID, breakpoint: thread.breakPoint.id, location: frameOfThread(thread) }],
  );

/** Of the goroutines that stood at a breakpoint, or came to one, those that are elsewhere now. */
export function movedOthers(
  stepping: number,
  before: readonly Hit[],
  meanwhile: readonly Hit[],
  now: readonly Hit[],
): readonly Moved[] {
  const others = new Set([...before, ...meanwhile].map((hit) => hit.goroutine));
  others.delete(stepping);
  const at = (hits: readonly Hit[], goroutine: number): Frame | null =>
    hits.find((hit) => hit.goroutine === goroutine)?.location ?? null;
  return [...others].flatMap((goroutine) => {
    const from = at(before, goroutine) ?? at(meanwhile, goroutine);
    const to = at(now, goroutine);
    const stayed = from !== null && to !== null && from.file === to.file && from.line === to.line;
    return stayed && at(before, goroutine) !== null ? [] : [{ goroutine, from: at(before, goroutine), to }];
  });
}
