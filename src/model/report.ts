import type { RunFinished } from "./event.js";
import type { EvidenceRef } from "./evidence.js";
import type { Json, JsonObject } from "./json.js";
import type { RichText } from "./rich-text.js";
import type { Risk } from "./risk.js";
import type { HostFacts } from "./target.js";

/**
 * What a report says, whatever its format: the fold of a journal. `report.json` is this value, and templates see it.
 * Texts are raw and untrusted; `RichText` is the author's Markdown with values beside it; times are RFC 3339 in UTC;
 * names are those of the journal, in snake_case. Anchors are unique in a report and the same in every format.
 */
export interface Report {
  readonly format: 1;
  readonly case: string;
  /** The version of casebook that ran. */
  readonly casebook: string;
  readonly title: RichText;
  readonly status: ReportStatus;
  readonly runbook: { readonly file: string; readonly sha256: string };
  readonly user: string;
  /** null where the journal was cut before it began. */
  readonly started_at: string | null;
  /** When the last event was written. */
  readonly finished_at: string | null;
  readonly milliseconds: number | null;
  /** null while incomplete. */
  readonly exit_code: number | null;
  readonly question: RichText | null;
  readonly verdict: ReportVerdict | null;
  /** The step that ended the run by failing, or that was running when the journal ended. */
  readonly ended_by: StepLink | null;
  /** Why the run failed where no step did; else null. */
  readonly reason: string | null;
  readonly interrupted_by: string | null;
  readonly host_state: HostState;
  readonly hypotheses: readonly ReportHypothesis[];
  readonly timeline: readonly TimelineEntry[];
  /** Steps at the top in the order of the runbook; what was never reached is there too. */
  readonly steps: readonly ReportStep[];
  readonly not_examined: {
    /** As the author lists it. */
    readonly author: readonly string[];
    /** What the run itself left out. */
    readonly automatic: readonly NotExamined[];
  };
  readonly environment: Environment;
  readonly inputs: JsonObject;
  readonly secrets: readonly string[];
  /** Masked occurrences, most frequent first. */
  readonly redactions: readonly { readonly secret: string; readonly count: number }[];
  readonly integrity: {
    readonly events: number;
    /** SHA-256 of the journal's last line; null for an empty journal. */
    readonly journal_head: string | null;
    readonly manifest: string;
  };
  /** The command line in a form that a shell takes. */
  readonly reproduce: string | null;
}

/** As the run ended; `incomplete` when the journal has no end. */
export type ReportStatus = RunFinished["status"] | "incomplete";

/** Where to look: an anchor of this report and what stands there. */
export interface StepLink {
  readonly step: string;
  readonly title: RichText;
  readonly anchor: string;
  /** Why it failed, or null. */
  readonly reason: string | null;
  readonly remedy: string | null;
}

export interface ReportVerdict {
  readonly answer: string;
  readonly says: RichText;
  readonly advice: RichText | null;
  /** The rule's condition. */
  readonly when: string | null;
  readonly rests_on: readonly Ground[];
}

/** Something that a verdict or the standing of a hypothesis rests on. */
export interface Ground {
  readonly step: string;
  readonly title: RichText;
  readonly expectation: string | null;
  /** Of the expectation, else of the step. */
  readonly anchor: string;
  /** Whether the expectation holds; null: unknown, or no expectation. */
  readonly holds: boolean | null;
  readonly that: string | null;
  /** The captured line that shows the values seen, where one does. */
  readonly line: EvidenceLine | null;
}

/** One line (row, frame, turn) of a block. */
export interface EvidenceLine {
  readonly anchor: string;
  /** Of the block that holds it: for formats whose lines have no anchors. */
  readonly block: string;
  /** `stdout, line 12` */
  readonly label: string;
  readonly text: string;
}

export interface HostState {
  /** `untouched`: nothing was announced. `changed`: something was not put back, or nobody knows. */
  readonly state: "untouched" | "restored" | "changed";
  readonly changes: readonly ReportChange[];
  readonly standstills: readonly Standstill[];
  /** Stood still in all, by process. */
  readonly stopped: readonly { readonly pid: number; readonly times: number; readonly milliseconds: number }[];
  /** To be run when `changed`. */
  readonly restore: string | null;
}

export interface ReportChange {
  readonly change: number;
  readonly kind: string;
  readonly what: string;
  readonly undo: string;
  /** `pending`: announced, and nothing says that it was put back. */
  readonly state: "undone" | "was-undone" | "cannot" | "pending";
  /** How that was checked, or why it cannot be. */
  readonly how: string | null;
  readonly host: string;
  readonly user: string | null;
  readonly announced_at: string;
  readonly undone_at: string | null;
  readonly milliseconds: number | null;
  readonly step: string;
  readonly anchor: string;
}

/** A process that was running stood still. */
export interface Standstill {
  readonly pid: number;
  readonly why: string;
  /** How often; more than once only for stops that were summed up to the time `at`. */
  readonly times: number;
  readonly at: string;
  /** null: nothing says that it ran again. */
  readonly milliseconds: number | null;
  /** From the start of the run. */
  readonly offset: number;
  readonly step: string;
  readonly anchor: string;
}

export interface ReportHypothesis {
  readonly name: string;
  readonly text: RichText;
  readonly standing: "supported" | "refuted" | "contested" | "open";
  /** Expectations that hold and support it. */
  readonly supports: readonly Ground[];
  /** Expectations that hold and refute it. */
  readonly refutes: readonly Ground[];
  /** Those that could have counted and do not hold, or are unknown; of a step that failed all are. */
  readonly without_weight: readonly Ground[];
}

export interface TimelineEntry {
  readonly at: string;
  /** Milliseconds from the start of the run. */
  readonly offset: number;
  readonly type: "run" | "target" | "step" | "change" | "undo" | "stopped" | "interrupted" | "verdict" | "end";
  /** casebook's own words. */
  readonly text: string;
  /** The author's title of the step. */
  readonly title: RichText | null;
  /** The machine's words. */
  readonly detail: string | null;
  readonly milliseconds: number | null;
  readonly status: StepStatus | null;
  readonly depth: number;
  readonly anchor: string | null;
  readonly evidence: EvidenceRef | null;
}

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
  /** True when the verdict or the standing of a hypothesis rests on it. */
  readonly bears: boolean;
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
  readonly seen: readonly { readonly path: string; readonly value: Json }[];
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

export interface NotExamined {
  readonly why: "skipped" | "not-reached" | "cut-off" | "failed" | "truncated" | "unknown" | "host-lost" | "no-host";
  readonly what: RichText;
  readonly reason: string | null;
  readonly anchor: string | null;
}

export interface Environment {
  readonly hosts: readonly {
    readonly name: string;
    readonly facts: HostFacts;
    readonly tools: readonly { readonly name: string; readonly path: string; readonly version: string | null }[];
  }[];
  /** Executables of examined processes, from results that hold `executable` and `executable_sha256`. */
  readonly binaries: readonly {
    readonly path: string;
    readonly sha256: string;
    readonly step: string;
    readonly anchor: string;
  }[];
}
