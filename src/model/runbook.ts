import type { Place } from "./diagnostic.js";
import type { Json } from "./json.js";
import type { RichText } from "./rich-text.js";
import type { Risk } from "./risk.js";
import type { Condition, Rendered, Template } from "./scope.js";
import type { AnyStepKind } from "./step-kind.js";
import type { Value, ValueObject } from "./value.js";

/** A runbook that was read and found sound: names exist, conditions compile, fields fit their kinds. */
export interface Runbook {
  readonly file: string;
  /** The text that ran, byte for byte as UTF-8. */
  readonly text: string;
  readonly title: Template<RichText>;
  readonly question: Template<RichText> | null;
  readonly about: string | null;
  readonly tags: readonly string[];
  readonly inputs: readonly InputDeclaration[];
  readonly hypotheses: readonly Hypothesis[];
  readonly steps: readonly Step[];
  /** null when the runbook has no `verdict:` at all: it asks no question. */
  readonly verdict: readonly VerdictRule[] | null;
  readonly notExamined: readonly Template<RichText>[];
}

export const inputTypes = [
  "string",
  "integer",
  "number",
  "boolean",
  "duration",
  "size",
  "path",
  "list",
  "choice",
] as const;

export interface InputDeclaration {
  readonly name: string;
  readonly about: string | null;
  readonly type: (typeof inputTypes)[number];
  readonly choices: readonly string[];
  /** undefined: none was written. */
  readonly default: Value | undefined;
  readonly optional: boolean;
  readonly pattern: string | null;
  readonly secret: boolean;
  readonly place: Place;
}

export interface Hypothesis {
  readonly name: string;
  readonly text: Template<RichText>;
}

export interface Step {
  /** The author's id, or null. */
  readonly id: string | null;
  /** Unique in the runbook and fit for a file name: the id, else kind and ordinal: `http-7`. */
  readonly key: string;
  /** 1 for the first step of the text, counted through all `during` lists. */
  readonly ordinal: number;
  readonly place: Place;
  readonly kind: AnyStepKind;
  /** The kind's field as written, shorthands normalised, not templated. */
  readonly written: Json;
  /** Renders the kind's field and parses it by the kind's schema. */
  readonly bind: Template<Binding>;
  /** The conditions among the kind's own fields, compiled, by where they stand there: `until`. Absent: there are none. */
  readonly conditions?: ReadonlyMap<string, Condition>;
  readonly title: Template<RichText> | null;
  readonly note: Template<RichText> | null;
  readonly when: Condition | null;
  readonly save: readonly Named<Condition>[];
  readonly require: readonly Condition[];
  readonly expect: readonly Expectation[];
  /** Milliseconds: the step's own, then the runbook's default. The first that is written counts. */
  readonly timeout: readonly Template<number>[];
  readonly retry: Retry | null;
  readonly forEach: ForEach | null;
  readonly onFail: "stop" | "continue";
  /** null: as the user that casebook runs as; else the user's name. */
  readonly become: string | null;
  readonly env: readonly Named<Template<string>>[];
  /** As declared on the step; null: the kind's own counts. */
  readonly risk: Risk | null;
  readonly during: readonly Step[] | null;
  /** The runbook that runs inside it. Absent: none. */
  readonly uses?: UsedRunbook;
}

/** A runbook that a step of another runs. */
export interface UsedRunbook {
  readonly runbook: Runbook;
  /** Names of its saved values, which the step's result holds. */
  readonly saves: readonly string[];
  /** All its inputs, from what the step gives. */
  inputs(given: ValueObject): Rendered<ReadonlyMap<string, Value>>;
  /** What is known of its inputs before it runs: `outlined` is the step's field, filled in as far as values are known. */
  known(outlined: Json): ReadonlyMap<string, Value>;
}

/** A step's field with values in it: what the kind works from. */
export interface Binding {
  /** Parsed by the kind's schema. */
  readonly spec: unknown;
  /** What the kind's shell texts mention as `$name`: exported to them, lists and objects as JSON. */
  readonly exported: Readonly<Record<string, string>>;
}

export interface Named<T> {
  readonly name: string;
  readonly value: T;
}

export interface Expectation {
  readonly name: string;
  readonly that: Condition;
  readonly supports: readonly string[];
  readonly refutes: readonly string[];
  readonly says: Template<RichText> | null;
}

export interface Retry {
  readonly times: Template<number>;
  /** Milliseconds between attempts; null: none. */
  readonly every: Template<number> | null;
  readonly until: Condition | null;
}

export interface ForEach {
  /** What a round's element is called: `item`, or the author's name. */
  readonly name: string;
  readonly list: Template<readonly Value[]>;
}

export interface VerdictRule {
  readonly answer: string;
  readonly when: Condition | null;
  readonly says: Template<RichText> | null;
  readonly advice: Template<RichText> | null;
  readonly place: Place;
}
