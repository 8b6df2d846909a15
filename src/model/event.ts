import type { EvidenceRef } from "./evidence.js";
import type { Json, JsonObject } from "./json.js";
import type { RichText } from "./rich-text.js";
import type { Risk } from "./risk.js";
import type { Taken, TakenFrom } from "./taken.js";
import type { Exit, HostFacts } from "./target.js";

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
  | StepStarted
  | StepOpened
  | AttemptFinished
  | CommandStarted
  | CommandFinished
  | Captured
  | MarkNoted
  | ChangeAnnounced
  | ChangeUndone
  | ProcessStopped
  | ProcessResumed
  | ProcessPassed
  | ExpectationSeen
  | StepFinished
  | Interrupted
  | VerdictReached
  | RunFinished;

/** Which execution of which step an event belongs to. */
export interface OfStep {
  /** The step's key: its id, or kind and ordinal. */
  readonly step: string;
  /** Unique for each execution of a step (each round of a `for_each`): `s12`. */
  readonly span: string;
  /** Span of the enclosing instrument or of the `for_each` step; null at the top. */
  readonly parent: string | null;
  /** Round of a `for_each`, from 1; null outside. */
  readonly iteration: number | null;
  /** From 1. */
  readonly attempt: number;
}

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

export interface StepStarted extends OfStep {
  readonly type: "step-started";
  readonly kind: string;
  readonly title: RichText | null;
  readonly note: RichText | null;
  readonly risk: Risk;
  readonly risk_declared: boolean;
  /** What the kind works from, values filled in; null when it could not be rendered. For a `for_each` step: null. */
  readonly spec: Json;
  /** What its commands find in their environment, besides the host's own; absent: nothing. */
  readonly env?: Readonly<Record<string, string>>;
  /** As whom it acts; absent: casebook's own user. */
  readonly user?: string;
  /** In a round: the element. */
  readonly item?: Json;
}

export interface StepOpened extends OfStep {
  readonly type: "step-opened";
  readonly value: JsonObject;
}

export interface AttemptFinished extends OfStep {
  readonly type: "attempt-finished";
  readonly outcome: "ok" | "failed";
  readonly reason: string | null;
  readonly milliseconds: number;
}

export interface CommandStarted extends OfStep {
  readonly type: "command-started";
  /** Pairs with `command-finished`; unique in the run. */
  readonly command: number;
  readonly argv: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly host: string;
  readonly user: string | null;
}

export interface CommandFinished extends OfStep {
  readonly type: "command-finished";
  readonly command: number;
  readonly exit: Exit;
  readonly milliseconds: number;
  /** As the command printed them, before anything was masked. */
  readonly bytes: { readonly stdout: number; readonly stderr: number };
  readonly truncated: boolean;
}

export interface Captured extends OfStep {
  readonly type: "captured";
  readonly stream: string;
  readonly evidence: EvidenceRef;
}

/** How something stood when this step began, for another step to start from: the length of a file that it reads. */
export interface MarkNoted extends OfStep {
  readonly type: "mark-noted";
  /** The step that starts from it. */
  readonly for: string;
  /** Its kind's own. */
  readonly mark: Json;
}

export interface ChangeAnnounced extends OfStep {
  readonly type: "change-announced";
  /** Pairs with `change-undone`; unique in the run. */
  readonly change: number;
  readonly kind: string;
  readonly what: string;
  readonly undo: string;
  readonly token: Json;
  readonly host: string;
  readonly user: string | null;
}

export interface ChangeUndone extends OfStep {
  readonly type: "change-undone";
  readonly change: number;
  readonly state: "undone" | "was-undone" | "cannot";
  /** How that was checked, or why it cannot be. */
  readonly how: string;
}

export interface ProcessStopped extends OfStep {
  readonly type: "process-stopped";
  readonly pid: number;
  readonly why: string;
}

export interface ProcessResumed extends OfStep {
  readonly type: "process-resumed";
  readonly pid: number;
  readonly milliseconds: number;
}

/** A process stood still several times for a moment each, up to now: what a breakpoint that is passed often does. */
export interface ProcessPassed extends OfStep {
  readonly type: "process-passed";
  readonly pid: number;
  readonly why: string;
  readonly times: number;
  /** In all. */
  readonly milliseconds: number;
}

export interface ExpectationSeen extends OfStep {
  readonly type: "expectation";
  /** `require` conditions are named `require`, or `require 2`. */
  readonly name: string;
  readonly required: boolean;
  readonly that: string;
  /** null: unknown. */
  readonly holds: boolean | null;
  /** Why it is unknown or could not be evaluated. */
  readonly because: string | null;
  /** Paths it read and the values met there. */
  readonly seen: JsonObject;
  readonly supports: readonly string[];
  readonly refutes: readonly string[];
  readonly says: RichText | null;
}

export interface StepFinished extends OfStep {
  readonly type: "step-finished";
  readonly kind: string;
  readonly outcome: "ok" | "failed" | "skipped";
  /** Why it failed or was skipped. */
  readonly reason: string | null;
  readonly remedy: string | null;
  /** Why collecting failed or was cut short, whatever is made of the rest; absent: it went well. */
  readonly uncollected?: string;
  /** The observation is that of an earlier case; absent: it was made now. */
  readonly taken?: Taken;
  /** Tolerated by `on_fail: continue`. */
  readonly tolerated: boolean;
  readonly started_at: string;
  readonly finished_at: string;
  readonly milliseconds: number;
  /** What was collected. Above 64 KiB it is evidence and this is `{"evidence": EvidenceRef}`. */
  readonly observation: Json;
  /** What was read from it, or null. Above 64 KiB as evidence. */
  readonly result: Json;
  readonly saved: JsonObject;
  /** The expression that gave each saved value. */
  readonly saved_by?: Readonly<Record<string, string>>;
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
  /** What the rule rests on, through saved names to the steps that saved them. */
  readonly rests_on: readonly { readonly step: string; readonly span: string; readonly expectation: string | null }[];
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
