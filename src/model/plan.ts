import type { Lookup } from "./lookup.js";
import type { Question } from "./question.js";
import type { Risk } from "./risk.js";
import type { PlannedChange, Tool } from "./step-kind.js";

/** What a runbook would do: all its steps, those inside others after them, rendered as far as values are known. */
export interface Plan {
  readonly file: string;
  readonly title: string;
  readonly question: string | null;
  /** The highest of all steps. */
  readonly risk: Risk;
  readonly steps: readonly PlannedStep[];
  /** Of all steps, each once. */
  readonly tools: readonly Tool[];
}

/** A step of a plan. Texts hold `‹name›` for what has no value before the run. */
export interface PlannedStep {
  readonly key: string;
  /** Its place among the steps of its runbook, behind that of the step that uses the runbook: `3`, `3.1`. */
  readonly number: string;
  /** 0 at the top; 1 inside an instrument or a runbook that a step uses, and so on. */
  readonly depth: number;
  /** The runbook that it stands in, where a step uses that; null: the runbook itself. */
  readonly file: string | null;
  readonly line: number;
  readonly kind: string;
  /** null: the step has none. */
  readonly title: string | null;
  readonly risk: Risk;
  /** What the kind itself says. */
  readonly ownRisk: Risk;
  /** The step declares its risk. */
  readonly riskDeclared: boolean;
  /** CEL that decides whether it runs. */
  readonly when: string | null;
  /** The list that it runs for, and the name of its element. */
  readonly forEach: { readonly name: string; readonly list: string } | null;
  /** Attempts in all; null: one. */
  readonly attempts: string | null;
  /** `30 s`; null: none. */
  readonly timeout: string | null;
  readonly onFail: "stop" | "continue";
  /** The user that it runs as; null: as casebook's own. */
  readonly become: string | null;
  readonly commands: readonly string[];
  /** What it looks up in the network from casebook's own machine; null: nothing. */
  readonly looksUp: Lookup | null;
  /** What it asks the person who runs it; null: nothing. */
  readonly asks: Question | null;
  readonly changes: readonly PlannedChange[];
  readonly tools: readonly Tool[];
  /** Traces processes that run already, or only such as it starts itself; null: none. */
  readonly traces: "running" | "own" | null;
}
