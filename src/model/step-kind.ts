import type * as z from "zod";
import type { Block } from "./block.js";
import type { Evidence, EvidenceReader, EvidenceRef } from "./evidence.js";
import type { Json, JsonObject } from "./json.js";
import type { Lookup } from "./lookup.js";
import type { Answered, Question } from "./question.js";
import type { Risk } from "./risk.js";
import type { Evaluation } from "./scope.js";
import type { Target } from "./target.js";
import type { ValueObject } from "./value.js";

/**
 * One kind of step, `run`, `http`, `delve`, …: what it takes, what it does, what it yields, how it is shown. Collecting
 * (`observe`, `open`) and reading (`read`) are two functions because replays and tests share the second with live runs.
 * Methods, not function properties, so that a kind of any Spec is also an `AnyStepKind`.
 */
export interface StepKind<Spec, Observation, Result extends ValueObject> {
  readonly name: string;
  /** One paragraph of Markdown; fields are documented by `.describe()` in `spec`. */
  readonly doc: string;
  /** A complete step in YAML, as `casebook kinds` prints it. */
  readonly example: string;
  /** The kind's field after `normalise`; leaves built by `model/fields`. Types, messages, JSON Schema and help come from it. */
  readonly spec: z.ZodType<Spec>;
  /** The fields of `result`, for conditions and for reading a journal again. */
  readonly result: z.ZodType<Result>;
  /** Fields of the result that nothing fills with what is written here, each with what would: naming one is a mistake. */
  unfilled?(written: Json): Readonly<Record<string, string>>;
  /** For an instrument: what its id holds while `during` runs. */
  readonly opened?: z.ZodType<ValueObject>;
  /** `during` is required, allowed or (the default) an error. May depend on what is written: `log` with `follow`. */
  during?(written: Json): "required" | "allowed" | "none";
  /** Kinds one of which must enclose this step: `debug` needs `delve`. */
  readonly inside?: readonly string[];
  /** Kinds none of which may enclose this step within the nearest of `inside`: a `catch` lets the program run that `debug` asks. */
  readonly notInside?: readonly string[];
  /** A step's `risk` may also be below what `outline` says: an `http` POST that changes nothing. */
  readonly riskMayBeLowered?: boolean;
  /** Names that the conditions among the kind's own fields may use besides the runbook's: `hits` in the `until` of `catch`. */
  conditionNames?(written: Json): Readonly<Record<string, z.ZodType>>;
  /** Variables that its shell texts have besides the runbook's names: `$level` of `log_level`. */
  readonly variables?: readonly string[];
  /** The runbook that a step runs inside it, with the values of its inputs: read and checked with the runbook around it. */
  nests?(written: Json): Nested;
  /** Turns shorthands (`run: text`) into the form that `spec` describes; leaves anything else alone. */
  normalise?(written: Json): Json;
  /** What an author may write, where shorthands go deeper than text or list for the whole field; for the JSON Schema only. */
  readonly written?: z.ZodType;
  /** For plan, doctor and preflight. `written` is normalised and rendered as far as values are known: `‹port›` for the rest. */
  outline(written: Json): Outline;
  /** A plain step collects. Throws `StepFailure` when the world said no. */
  observe?(spec: Spec, context: StepContext): Promise<Observation>;
  /** An instrument opens; it stays open for the length of `during`. */
  open?(spec: Spec, context: StepContext): Promise<Opened<Observation>>;
  /** The step at whose beginning `mark` is to be called, as far as what is written tells; null: never. */
  markAt?(written: Json): string | null;
  /** Notes how something stands when another step begins, for this step to start from: the length of a file. JSON. */
  mark?(spec: Spec, context: MarkContext): Promise<Json>;
  /** With this spec, collecting asks no host and no person: a note. Then also a replay collects. Absent: it asks. */
  asksNobody?(spec: Spec): boolean;
  /** Fields of the spec that `read` and `failure` alone use: a recorded observation still fits when they have changed. */
  readonly readWith?: readonly string[];
  /** Pure: the same observation and evidence always give the same result. */
  read(spec: Spec, observed: Observation, evidence: EvidenceReader): Promise<Result>;
  /** Why this result means that the step failed (an exit code that is not `ok`), or null. */
  failure?(spec: Spec, result: Result): string | null;
  /** Puts back what a token announced; must be safe to repeat. Also called by another process after a crash. */
  undo?(token: Json, context: UndoContext): Promise<Undone>;
  view(spec: Spec, result: Result): readonly Block[];
}

/** A kind of which only the shape is known. */
export type AnyStepKind = StepKind<unknown, unknown, ValueObject>;

/** All kinds by name. */
export type StepKinds = ReadonlyMap<string, AnyStepKind>;

/** Loads the kinds of these names; names of no kind are left out. */
export type LoadKinds = (names: Iterable<string>) => Promise<StepKinds>;

export interface Outline {
  readonly risk: Risk;
  /** Programs that the host must have; `any` holds alternatives of which one suffices. */
  readonly tools: readonly Tool[];
  /** What will run, as a person would type it. */
  readonly commands: readonly string[];
  readonly changes: readonly PlannedChange[];
  /** What it asks the person who runs it; what is not known yet stands as `‹name›`. Absent: nothing. */
  readonly asks?: Question;
  /** What it looks up in the network from casebook's own machine; `--offline` then skips it. Absent: nothing. */
  readonly looksUp?: Lookup;
  /** Traces processes (ptrace): those that run already, or only such as it starts itself. Absent: none. */
  readonly traces?: "running" | "own";
}

export interface Tool {
  readonly any: readonly string[];
  /** Debian packages that bring it, in the order of `any`. */
  readonly packages: readonly string[];
  readonly why: string;
  /** Arguments that make it print its version and nothing else: `["--version"]`. Absent: it is never run to ask. */
  readonly version?: readonly string[];
  /** The host's environment variable that may name the first of `any` instead of PATH. */
  readonly variable?: string;
  /** A program of the author's own (`argv[0]` of a `run`): its absence is reported but does not keep a run from starting. */
  readonly advisory?: boolean;
}

export interface PlannedChange {
  readonly what: string;
  readonly undo: string;
}

/** An instrument that is open. */
export interface Opened<Observation> {
  /** What the step's id holds during `during`. */
  readonly value: ValueObject;
  /** What steps inside, or `of` this step, may use. */
  readonly offers?: readonly Offer[];
  /** Resolves with a reason when the instrument cannot go on: `during` is then ended and the step fails. Never rejects. */
  readonly broken?: Promise<string>;
  /**
   * Stops collecting. Runs after outstanding changes were undone, with a deadline of its own.
   * @param lost a sentence for each change of this step that could not be put back
   */
  close(signal: AbortSignal, lost?: readonly string[]): Promise<Observation>;
}

/** Names a thing that one kind offers to another, with its type. */
export interface Key<K> {
  readonly name: string;
  readonly type?: K;
}

export interface Offer {
  readonly key: Key<unknown>;
  readonly value: unknown;
}

export interface StepContext {
  readonly target: Target;
  /** Aborts when the step has to end: timeout, interruption, a broken instrument around it. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** The step's own `env` and the names its shell texts mention, for the commands it starts. */
  readonly env: Readonly<Record<string, string>>;
  /** A stream of this step on its way into the case folder. */
  capture(name: string): Evidence;
  /** Reads what this run has captured so far. */
  readonly evidence: EvidenceReader;
  /**
   * Writes what has to be put back into the journal and flushes it; only then change anything. The token must
   * suffice for another process. The engine undoes it when the step closes unless `undone` was called.
   */
  announce(change: AnnouncedChange): Promise<Announced>;
  /** A process that was running stands still, or runs again; for the report and its budget. */
  processStopped(pid: number, why: string): void;
  /** @param milliseconds that it has stood */
  processResumed(pid: number, milliseconds: number): void;
  /** It stood still several times for a moment each: one entry for all of them. */
  processPassed(pid: number, why: string, times: number, milliseconds: number): void;
  /** What the nearest enclosing instrument offers under this key. Throws if none does. */
  inside<K>(key: Key<K>): K;
  /** What all enclosing instruments offer under this key, the outermost first. */
  all<K>(key: Key<K>): readonly K[];
  /** What the named open step offers under this key, or null when it is not open or offers none. */
  of<K>(step: string, key: Key<K>): K | null;
  /**
   * Evaluates the condition that stands at this place of the kind's field, such as `until`, over the run's names and the
   * kind's own (`conditionNames`). null: the author wrote none.
   */
  evaluate(path: string, own: ValueObject): Evaluation | null;
  /** What the kind's `mark` gave when the step that it names began; null: it was not called, or could not tell. */
  readonly mark: Json;
  /** When the named step began (host's clock), or null. */
  began(step: string): Date | null;
  /** Runs a step kind as a part of this step: `diff` its probe. Evidence is named `<prefix>.<stream>`. */
  probe(kind: AnyStepKind, spec: unknown, prefix: string): Promise<ProbeReading>;
  /** Variables of casebook's own environment, for what is looked up from there. */
  readonly ownEnv: Readonly<Record<string, string | undefined>>;
  /** Puts a question to the person who runs it. Throws `StepFailure` when nobody can answer. */
  ask(question: Question): Promise<Answered>;
  /** Runs the runbook that this step uses, its inputs being these. Throws `StepFailure` when it fails. */
  nested(inputs: ValueObject): Promise<NestedOutcome>;
  /** The case folder's private scratch space on this machine. */
  readonly scratch: string;
}

/** A runbook that a step names, as far as what is written tells. */
export interface Nested {
  /** Its path, relative to the file that names it. */
  readonly runbook: string;
  readonly inputs: JsonObject;
}

/** What a runbook came to that ran inside a step. */
export interface NestedOutcome {
  /** null: it has no `verdict:`. */
  readonly verdict: { readonly answer: string; readonly says: string; readonly advice: string | null } | null;
  /** Its saved values by name. */
  readonly saved: ValueObject;
}

export interface ProbeReading {
  readonly observation: unknown;
  readonly result: ValueObject;
  /** What the probe captured. */
  readonly evidence: readonly EvidenceRef[];
}

export interface AnnouncedChange {
  /** For people: `log level of http://127.0.0.1:10248 from 2 to 10`. */
  readonly what: string;
  /** For people: `PUT 2`. */
  readonly undo: string;
  /** For `undo`. Names secrets, never holds them. */
  readonly token: Json;
}

export interface Announced {
  /** The change is put back already, checked as `how` says. */
  undone(how: string): Promise<void>;
}

/** What `mark` has to work with; it changes nothing and captures nothing. */
export type MarkContext = Pick<UndoContext, "target" | "signal">;

export interface UndoContext {
  readonly target: Target;
  /** A deadline of its own, never the cancelled signal of the step. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
}

export type Undone =
  /** Put back now; `how` says what was read afterwards. */
  | { readonly state: "undone"; readonly how: string }
  /** Nothing was left to put back. */
  | { readonly state: "was-undone"; readonly how: string }
  | { readonly state: "cannot"; readonly why: string };

/** The world's answer was no: the step fails, the run goes on as `on_fail` says. Anything else that is thrown is a bug. */
export class StepFailure extends Error {
  override readonly name = "StepFailure";
  /** What to do about it. */
  readonly remedy: string | null;
  /** What was seen all the same, kept as evidence; JSON. */
  readonly observed: unknown;

  /** @param message what was expected and what was found */
  constructor(message: string, more: { remedy?: string; observed?: unknown; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.remedy = more.remedy ?? null;
    this.observed = more.observed ?? null;
  }
}
