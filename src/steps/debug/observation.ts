import type { Frame } from "../../delve/session/frames.js";
import type { NamedTree } from "../../delve/values/value-tree.js";

/** One command with what came back, for people. */
export interface Turn {
  readonly input: string;
  readonly output: string;
}

export interface GoroutineRow {
  readonly id: number;
  readonly location: Frame;
  readonly values: readonly NamedTree[];
  readonly stack: readonly Frame[];
  readonly caller: Frame | null;
  /** All frames outside Go's standard library; absent in cases that were recorded before they were kept. */
  readonly callers?: readonly Frame[];
  /** The `go` statement that started it; null for the first goroutine. */
  readonly created_by: Frame | null;
}

export interface MovedGoroutine {
  readonly id: number;
  readonly from: Frame | null;
  readonly to: Frame | null;
}

/** What the commands of a step yield: for each part, what the last command that yields it gave. */
export interface Yields {
  values: readonly NamedTree[];
  stack: readonly Frame[];
  goroutines: readonly GoroutineRow[];
  groups: readonly { readonly name: string; readonly count: number }[];
  returned: readonly NamedTree[];
  moved: readonly MovedGoroutine[];
  /** More goroutines were found than are shown. */
  truncated: boolean;
}

export const nothing = (): Yields => ({
  values: [],
  stack: [],
  goroutines: [],
  groups: [],
  returned: [],
  moved: [],
  truncated: false,
});

export interface Observation extends Readonly<Yields> {
  readonly goroutine: number | null;
  readonly location: Frame | null;
  readonly turns: readonly Turn[];
}
