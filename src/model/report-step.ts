import type { EvidenceRef } from "./evidence.js";
import type { Ground, SeenValue } from "./ground.js";
import type { Json } from "./json.js";
import type { RichText } from "./rich-text.js";
import type { Risk } from "./risk.js";
import type { Taken } from "./taken.js";

/** `tolerated`: failed under `on_fail: continue`. `cut-off`: it was running when the journal ended. */
export type StepStatus = "ok" | "failed" | "tolerated" | "skipped" | "cut-off" | "not-reached";

export interface ReportStep {
  readonly key: string;
  readonly anchor: string;
  /** `3`, `3.1`: place among the steps shown. */
  readonly number: string;
  readonly kind: string;
  readonly depth: number;
  /** The author's, else one made of kind and key. */
  readonly title: RichText;
  readonly note: RichText | null;
  readonly status: StepStatus;
  readonly reason: string | null;
  readonly remedy: string | null;
  readonly risk: Risk | null;
  readonly risk_declared: boolean;
  /** In a round of a `for_each`, from 1. */
  readonly iteration: number | null;
  /** The round's element. */
  readonly item: Json;
  readonly started_at: string | null;
  readonly milliseconds: number | null;
  /** When its observation was made, in the case that it was taken from; absent: in this run. */
  readonly taken?: Taken;
  /** From the start of the run. */
  readonly offset: number | null;
  readonly attempts: readonly {
    readonly attempt: number;
    readonly outcome: "ok" | "failed";
    readonly reason: string | null;
    readonly milliseconds: number;
  }[];
  readonly commands: readonly ReportCommand[];
  /** What an instrument's id held while it was open. */
  readonly opened: readonly Fact[];
  readonly blocks: readonly ReportBlock[];
  readonly expectations: readonly ReportExpectation[];
  readonly saved: readonly SavedValue[];
  readonly evidence: readonly (EvidenceRef & { readonly stream: string })[];
  /** What the verdict of the runbook that it used rests on. */
  readonly rests_on: readonly Ground[];
  /** True when the verdict or the standing of a hypothesis rests on it. */
  readonly bears: boolean;
  /** A `for_each` over an empty list: nothing ran. */
  readonly without_rounds: boolean;
  /** Rounds of a `for_each`. */
  readonly rounds: readonly ReportStep[];
  /** Steps of `during`. */
  readonly during: readonly ReportStep[];
}

export interface Fact {
  readonly label: string;
  readonly value: string;
}

export interface ReportCommand {
  /** As one would type it: shell texts as they are, argument lists quoted. */
  readonly text: string;
  readonly argv: readonly string[];
  /** null: where the host's commands run that name no folder. */
  readonly cwd: string | null;
  readonly env: Readonly<Record<string, string>>;
  readonly host: string;
  readonly user: string | null;
  /** null: it never ended as far as the journal tells. */
  readonly exit: { readonly code: number | null; readonly signal: string | null } | null;
  readonly milliseconds: number | null;
  readonly truncated: boolean;
}

export interface ReportExpectation {
  readonly name: string;
  readonly anchor: string;
  readonly required: boolean;
  readonly that: string;
  readonly state: "met" | "unmet" | "unknown";
  readonly because: string | null;
  readonly seen: readonly SeenValue[];
  readonly supports: readonly string[];
  readonly refutes: readonly string[];
  readonly says: RichText | null;
}

export interface SavedValue {
  readonly name: string;
  readonly value: Json;
  /** The expression over `result` that gave it, where the journal tells. */
  readonly expression: string | null;
}

/** A step kind's block on the page. Each has an anchor; lines, rows, frames and turns count from 1 below it. */
export type ReportBlock = { readonly anchor: string } & (
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "code"; readonly language: string; readonly text: string; readonly title: string | null }
  | {
      readonly type: "output";
      readonly title: string;
      readonly head: string;
      /** Empty when `head` is all there is. */
      readonly tail: string;
      readonly omitted_bytes: number;
      readonly evidence: EvidenceRef | null;
    }
  | {
      readonly type: "table";
      readonly title: string | null;
      readonly columns: readonly string[];
      readonly rows: readonly (readonly string[])[];
      readonly omitted_rows: number;
    }
  | { readonly type: "facts"; readonly facts: readonly Fact[] }
  | { readonly type: "diff"; readonly text: string }
  | {
      readonly type: "session";
      readonly prompt: string;
      readonly turns: readonly { readonly input: string; readonly output: string }[];
    }
  | {
      readonly type: "stack";
      readonly title: string;
      readonly frames: readonly ReportFrame[];
      readonly omitted_frames: number;
      readonly folded: boolean;
    }
);

export interface ReportFrame {
  readonly function: string;
  readonly file: string;
  readonly line: number;
  readonly marked: boolean;
}
