import type { EvidenceRef } from "./evidence.js";
import type { Json, JsonObject } from "./json.js";
import type { RestsOn } from "./rests-on.js";
import type { RichText } from "./rich-text.js";
import type { Risk } from "./risk.js";
import type { Taken } from "./taken.js";
import type { Exit } from "./target.js";

/** What happens within an execution of a step. `Event` has these besides the run's own. */
export type StepEvent =
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
  | StepFinished;

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
  /** What the verdict of the runbook that it used rests on; absent: it used none, or that gives no verdict. */
  readonly rests_on?: readonly RestsOn[];
}
