import type { Target } from "../../model/target.js";

/** Where levels are asked for and set, and who is told of each question with its answer. */
export interface Dialogue {
  readonly target: Target;
  readonly signal: AbortSignal;
  readonly tell: (exchange: string) => void | Promise<void>;
}

/** For undoing, whose answers stand in the journal. */
export const quietly = ({ target, signal }: Pick<Dialogue, "target" | "signal">): Dialogue => ({
  target,
  signal,
  tell: () => {},
});
