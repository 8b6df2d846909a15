import type { Event, Interrupted, RunFinished, RunStarted, UsedFile } from "../model/event.js";
import type { Answers } from "../model/question.js";
import type { Risk } from "../model/risk.js";
import type { Runbook } from "../model/runbook.js";
import type { Scope } from "../model/scope.js";
import type { TakenFrom } from "../model/taken.js";
import { describeLoss, type HostFacts, type Target } from "../model/target.js";
import { toJson, type Value } from "../model/value.js";
import { initialScope } from "./absent.js";
import { type Cancellation, cancellation } from "./cancel.js";
import { Changes } from "./changes.js";
import type { EvidenceFiles } from "./evidence-files.js";
import { markersOf } from "./marks.js";
import { outlined } from "./outlined.js";
import { reacher, watchLoss } from "./reach.js";
import { createCounters, createRecorder, type EventLog, type JsonMasker } from "./recorder.js";
import { rich } from "./rich.js";
import type { Run, Stop } from "./run-state.js";
import type { Source } from "./source.js";
import { runList } from "./steps.js";
import { reachVerdict } from "./verdict.js";

/** Everything that a run needs; nothing is opened or closed here but steps. */
export interface RunOptions {
  readonly runbook: Runbook;
  /** SHA-256 of the runbook's text. */
  readonly runbookSha256: string;
  /** The runbooks that it uses, as the case keeps them. */
  readonly uses: readonly UsedFile[];
  /** Every declared input; null where an optional one was not given. */
  readonly inputs: ReadonlyMap<string, Value>;
  /** Names of the inputs that are secret. */
  readonly secrets: readonly string[];
  readonly target: Target;
  /** Where observations come from. */
  readonly source: Source;
  /** The case that the source takes them from; null: the host gives all. */
  readonly takenFrom: TakenFrom | null;
  readonly facts: HostFacts;
  readonly tools: readonly { readonly name: string; readonly path: string; readonly version: string | null }[];
  readonly log: EventLog;
  readonly files: EvidenceFiles;
  readonly masker: JsonMasker & { counts(): Readonly<Record<string, number>> };
  /** Progress, `--events`: called with each event once it is in the journal. */
  readonly watchers: readonly ((event: Event) => void)[];
  readonly allow: Risk;
  readonly caseName: string;
  readonly casebook: string;
  readonly invocation: readonly string[];
  readonly user: string;
  readonly pid: number;
  readonly now: () => Date;
  readonly scratch: string;
  readonly answers: Answers;
  /** Of casebook itself. */
  readonly ownEnv: Readonly<Record<string, string | undefined>>;
  readonly offline: boolean;
  /** Milliseconds for the whole run; null: none. */
  readonly timeout: number | null;
  /** Aborts with a `Cancellation` as its reason. */
  readonly signal: AbortSignal;
}

export interface RunOutcome {
  readonly status: RunFinished["status"];
  readonly exitCode: number;
  /** Why it failed, for the last lines; null when it did not. */
  readonly stop: Stop | null;
  /** How many changes could not be put back. */
  readonly notRestored: number;
  /** A bug that ended the run; everything was put back before. */
  readonly bug: unknown;
  /** Events that the journal could not take, or null. */
  readonly lost: Error | null;
}

/** Runs a runbook from its first event to `run-finished`. Rejects only when not even that can be written. */
export async function run(options: RunOptions): Promise<RunOutcome> {
  const { runbook, now } = options;
  const since = performance.now();
  const controller = new AbortController();
  const cancel = (why: Cancellation): void => controller.abort(why);
  const recorder = createRecorder(options.log, options.masker, options.watchers, () => cancel({ by: "disk-full" }));
  const connected = (): void => {
    const { target, facts, tools } = options;
    recorder.emit({ type: "target-connected", host: target.name, cwd: target.cwd, facts, tools });
  };
  const state: Run = {
    runbook,
    target: options.target,
    source: options.source,
    files: options.files,
    recorder,
    counters: createCounters(),
    changes: new Changes(recorder, now, reacher(options.target, connected)),
    now,
    scratch: options.scratch,
    answers: options.answers,
    ownEnv: options.ownEnv,
    offline: options.offline,
    scope: initialScope(runbook, options.inputs),
    began: new Map(),
    markers: markersOf(runbook.steps),
    marks: new Map(),
    sources: new Map(),
    nested: new Map(),
    within: { steps: "", files: "" },
    runList,
  };
  recorder.emit(runStarted(options, state.scope), true);
  connected();

  const follow = (): void => cancel(cancellation(options.signal));
  if (options.signal.aborted) follow();
  else options.signal.addEventListener("abort", follow, { once: true });
  const timer = options.timeout === null ? null : setTimeout(() => cancel({ by: "timeout" }), options.timeout);
  const note = (): void => {
    const { by } = cancellation(controller.signal);
    if (isInterruption(by)) recorder.emit({ type: "interrupted", by });
  };
  controller.signal.addEventListener("abort", note, { once: true });

  using _loss = watchLoss(options.target, recorder, () => cancel({ by: "lost", why: describeLoss(options.target) }));

  let stop: Stop | null = null;
  let bug: unknown = null;
  try {
    stop = await runList(runbook.steps, { run: state, parent: null, signal: controller.signal, instruments: [] });
  } catch (error) {
    bug = error; // told in the outcome, once the journal has its end
  } finally {
    options.signal.removeEventListener("abort", follow);
    controller.signal.removeEventListener("abort", note);
    if (timer !== null) clearTimeout(timer);
  }
  if (controller.signal.aborted) bug ??= uncaught(cancellation(controller.signal));

  const reached =
    stop === null && bug === null && runbook.verdict !== null ? reachVerdict(runbook.verdict, state) : null;
  const unreached = typeof reached === "string" ? reached : null;
  const verdict = typeof reached === "string" ? null : reached;
  if (verdict !== null) recorder.emit(verdict);
  const notRestored = state.changes.lost;
  const failed = stop !== null || unreached !== null;
  const ending = endingOf(notRestored, bug, failed, controller.signal, verdict?.answer ?? null);
  recorder.emit(
    {
      type: "run-finished",
      status: ending.status,
      exit_code: ending.exitCode,
      ...(unreached !== null && { reason: unreached }),
      milliseconds: Math.round(performance.now() - since),
      redactions: options.masker.counts(),
    },
    true,
  );
  return { ...ending, stop, notRestored, bug, lost: recorder.lost() };
}

const uncaught = (why: Cancellation): unknown => (why.by === "bug" ? why.error : null);

const isInterruption = (by: Cancellation["by"]): by is Interrupted["by"] =>
  by !== "step-timeout" && by !== "broken" && by !== "lost" && by !== "disk-full" && by !== "bug";

/** The most serious thing decides. */
function endingOf(
  notRestored: number,
  bug: unknown,
  failed: boolean,
  signal: AbortSignal,
  answer: string | null,
): Pick<RunOutcome, "status" | "exitCode"> {
  if (notRestored > 0) return { status: "not-restored", exitCode: 80 };
  if (bug !== null) return { status: "crashed", exitCode: 70 };
  if (failed && signal.aborted) {
    const { by } = cancellation(signal);
    if (by === "timeout") return { status: "timed-out", exitCode: 124 };
    if (by === "INT") return { status: "interrupted", exitCode: 130 };
    if (isInterruption(by)) return { status: "interrupted", exitCode: 143 };
  }
  if (failed) return { status: "failed", exitCode: 3 };
  if (answer === null) return { status: "finished", exitCode: 0 };
  return answer === "undecided" ? { status: "undecided", exitCode: 2 } : { status: "answered", exitCode: 0 };
}

function runStarted(options: RunOptions, scope: Scope): RunStarted {
  const { runbook } = options;
  const secret = new Set(options.secrets);
  const inputs = [...options.inputs].map(([name, value]) => [
    name,
    secret.has(name) && value !== null ? `[masked:${name}]` : toJson(value),
  ]);
  return {
    type: "run-started",
    format: 1,
    casebook: options.casebook,
    case: options.caseName,
    runbook: {
      file: runbook.file,
      sha256: options.runbookSha256,
      ...(options.uses.length > 0 && { uses: options.uses }),
      title: rich(runbook.title, scope),
      question: runbook.question === null ? null : rich(runbook.question, scope),
      ...outlined(runbook, scope),
    },
    inputs: Object.fromEntries(inputs),
    secrets: options.secrets,
    allow: options.allow,
    ...(options.takenFrom !== null && { taken_from: options.takenFrom }),
    invocation: options.invocation,
    user: options.user,
    pid: options.pid,
  };
}
