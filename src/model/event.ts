import type { JsonObject } from "./json.js";
import type { RestsOn } from "./rests-on.js";
import type { RichText } from "./rich-text.js";
import type { Risk } from "./risk.js";
import type { StepEvent } from "./step-event.js";
import type { TakenFrom } from "./taken.js";
import type { HostFacts } from "./target.js";

/**
 * Everything that happens in a run, as the journal holds it: one closed union, snake_case as on disk. Progress, reports and
 * `--events` are folds over it. Readers ignore types they do not know.
 */
export type Event = EventBody & Envelope;

export interface Envelope {
  /** From 1, without gaps. */
  readonly seq: number;
  /** UTC, RFC 3339, milliseconds. */
  readonly at: string;
  /** SHA-256 (hex) of the previous line without its newline; 64 zeros for the first. */
  readonly prev: string;
}

export type EventBody =
  | RunStarted
  | TargetConnected
  | TargetLost
  | StepEvent
  | Interrupted
  | VerdictReached
  | RunFinished;

export interface RunStarted {
  readonly type: "run-started";
  readonly format: 1;
  readonly casebook: string;
  /** The case folder, as one would type it where casebook ran. */
  readonly case: string;
  readonly runbook: {
    readonly file: string;
    readonly sha256: string;
    /** Those that its steps use, and these theirs. Absent: none. */
    readonly uses?: readonly UsedFile[];
    readonly title: RichText;
    readonly question: RichText | null;
    readonly hypotheses: readonly { readonly name: string; readonly text: RichText }[];
    readonly not_examined: readonly string[];
    /** Every step of the text in order, so that a report can say which were never reached. */
    readonly steps: readonly OutlinedStep[];
  };
  /** Secrets are `[masked:name]`. */
  readonly inputs: JsonObject;
  readonly secrets: readonly string[];
  readonly allow: Risk;
  /** The case that gave observations instead of a host; absent: none did. */
  readonly taken_from?: TakenFrom;
  /** The command line, as one would type it again. */
  readonly invocation: readonly string[];
  readonly user: string;
  readonly pid: number;
}

/** A runbook that another uses. */
export interface UsedFile {
  readonly file: string;
  readonly sha256: string;
  /** Its text as it ran, relative to the case: `used/01-tls.yaml`. */
  readonly copy: string;
}

export interface OutlinedStep {
  readonly step: string;
  readonly kind: string;
  readonly ordinal: number;
  readonly title: string;
  readonly depth: number;
  readonly line: number;
}

export interface TargetConnected {
  readonly type: "target-connected";
  readonly host: string;
  /** Where commands run that name no other folder. */
  readonly cwd: string;
  readonly facts: HostFacts;
  readonly tools: readonly { readonly name: string; readonly path: string; readonly version: string | null }[];
}

export interface TargetLost {
  readonly type: "target-lost";
  readonly host: string;
  readonly why: string;
}

export interface Interrupted {
  readonly type: "interrupted";
  readonly by: "INT" | "TERM" | "HUP" | "timeout" | "restore";
}

export interface VerdictReached {
  readonly type: "verdict";
  readonly answer: string;
  readonly says: string;
  readonly advice: string | null;
  readonly says_rich: RichText | null;
  readonly advice_rich: RichText | null;
  /** The rule's condition; null when it had none. */
  readonly when: string | null;
  readonly rests_on: readonly RestsOn[];
  /** The rules before it, none of which holds. Absent in older journals. */
  readonly passed_over?: readonly PassedOver[];
}

/** A rule of the verdict that does not hold. */
export interface PassedOver {
  readonly answer: string;
  readonly when: string;
  /** null: unknown. */
  readonly holds: false | null;
  /** Why it is unknown. */
  readonly because: string | null;
  readonly seen: JsonObject;
}

export interface RunFinished {
  readonly type: "run-finished";
  readonly status:
    | "answered"
    | "finished"
    | "undecided"
    | "failed"
    | "interrupted"
    | "timed-out"
    | "not-restored"
    | "crashed";
  readonly exit_code: number;
  /** Why it failed where no step did: a rule of the verdict could not be evaluated. */
  readonly reason?: string;
  readonly milliseconds: number;
  /** Masked occurrences by secret. */
  readonly redactions: Readonly<Record<string, number>>;
}
