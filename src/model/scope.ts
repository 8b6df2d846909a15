import type { Place } from "./diagnostic.js";
import type { RichText } from "./rich-text.js";
import type { Value, ValueObject } from "./value.js";

/** The names a runbook's texts and conditions see: inputs, step ids, saved values, and `result`, `item` where they exist. */
export type Scope = ReadonlyMap<string, Value>;

/** What came of a condition. `seen` are the paths it read with the values it met there, for the report. */
export type Evaluation =
  | { readonly kind: "value"; readonly value: Value; readonly seen: ValueObject }
  /**
   * `value` is what `save` keeps: null when the expression itself gave null, the `CutText` when it gave one, else an `Absent`.
   */
  | { readonly kind: "unknown"; readonly because: string; readonly value: Value; readonly seen: ValueObject }
  | { readonly kind: "error"; readonly message: string; readonly seen: ValueObject };

/** A CEL expression, compiled and checked. */
export interface Condition {
  readonly text: string;
  readonly place: Place;
  /** Paths it reads, as written: `listens.expect.asks_for_zero`, `port`. */
  readonly reads: readonly string[];
  evaluate(scope: Scope): Evaluation;
}

/** Something written in a runbook that becomes a T once the names have values. */
export interface Template<T> {
  readonly place: Place;
  readonly reads: readonly string[];
  /** As written, with `‹name›` for what has no value yet: for plans. */
  outline(scope: Scope): string;
  /** It is exactly one mustache, and of a null: counts as not written. Absent: never. */
  readonly notWritten?: (scope: Scope) => boolean;
  /** Fails with a sentence when a value that it needs is null or does not fit. */
  render(scope: Scope): Rendered<T>;
}

/** What came of a template; an author's text that failed is there in `partial`, where it names what has no value: `‹port›`. */
export type Rendered<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string; readonly partial?: RichText };
