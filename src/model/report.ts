import type { RunFinished, UsedFile } from "./event.js";
import type { EvidenceRef } from "./evidence.js";
import type { Ground, SeenValue } from "./ground.js";
import type { JsonObject } from "./json.js";
import type { ReportStep, StepStatus } from "./report-step.js";
import type { RichText } from "./rich-text.js";
import type { Risk } from "./risk.js";
import type { TakenFrom } from "./taken.js";
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
  readonly runbook: { readonly file: string; readonly sha256: string; readonly uses: readonly UsedFile[] };
  readonly user: string;
  /** The case that gave observations instead of a host; absent: none did. */
  readonly taken_from?: TakenFrom;
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
  /** What this rendering leaves out, by kind and how often; empty unless somebody asked for it. */
  readonly redacted: readonly { readonly kind: string; readonly count: number }[];
  readonly integrity: {
    readonly events: number;
    /** SHA-256 of the journal's last line; null for an empty journal. */
    readonly journal_head: string | null;
    readonly manifest: string;
    /** What is not as it was written, a sentence each. Absent: nothing, as far as was looked. */
    readonly altered?: readonly string[];
  };
  /** The command line for a further case, in a form that a shell takes. */
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
  /** The rules before that of the answer, none of which holds. */
  readonly passed_over: readonly PassedOverRule[];
}

export interface PassedOverRule {
  readonly answer: string;
  readonly when: string;
  /** null: unknown. */
  readonly holds: false | null;
  readonly because: string | null;
  readonly seen: readonly SeenValue[];
}

export interface HostState {
  /** `untouched`: nothing was announced. `changed`: something was not put back, or nobody knows. */
  readonly state: "untouched" | "restored" | "changed";
  readonly changes: readonly ReportChange[];
  /** Steps that were to change something, as declared or by what they ask for, and tell no undoing: nothing was put back for them. */
  readonly acted: readonly ActingStep[];
  readonly standstills: readonly Standstill[];
  /** Stood still in all, by process. */
  readonly stopped: readonly StoppedProcess[];
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

export interface ActingStep {
  readonly step: string;
  readonly title: RichText;
  readonly iteration: number | null;
  readonly anchor: string;
  readonly kind: string;
  readonly risk: Risk;
  readonly declared: boolean;
}

export interface StoppedProcess {
  readonly pid: number;
  readonly times: number;
  /** In all. */
  readonly milliseconds: number;
  /** null where some stops are known only by their sum. */
  readonly longest: number | null;
  /** A stop of it has no end in the journal. */
  readonly unended: boolean;
  readonly steps: readonly { readonly step: string; readonly anchor: string }[];
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

export interface NotExamined {
  readonly why:
    | "skipped"
    | "not-reached"
    | "no-rounds"
    | "cut-off"
    | "failed"
    | "truncated"
    | "unknown"
    | "host-lost"
    | "no-host";
  readonly what: RichText;
  /** The round of a `for_each`, from 1. */
  readonly iteration: number | null;
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
