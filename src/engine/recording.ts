import type { Event } from "../model/event.js";
import type { Captured, StepFinished, StepOpened, StepStarted } from "../model/step-event.js";

/** What a journal tells of one execution of a step, as far as taking its observation goes. */
export interface RecordedStep {
  readonly started: StepStarted;
  readonly opened: StepOpened | null;
  readonly finished: StepFinished;
  /** What its last attempt captured. */
  readonly captured: readonly Captured[];
  /** How many there were; 0 for a step that is not retried. */
  readonly attempts: number;
}

/** What a case holds for a later run to take. */
export interface Recording {
  /** Executions that collected, in the order in which they began. */
  readonly steps: readonly RecordedStep[];
  /** Why steps collected nothing, by key: clauses. */
  readonly without: ReadonlyMap<string, string>;
  /** Keys of the steps that were skipped because the run was offline. */
  readonly offline: ReadonlySet<string>;
  /** Keys of the steps that came to their end, and did not end the run by failing. */
  readonly settled: ReadonlySet<string>;
}

/** How the reason of a step begins that was skipped because the run was offline. */
export const offlinePrefix = "offline: ";

/** Streams that the engine itself keeps beside the journal. */
const ownStreams = new Set(["observation.json", "result.json", "saved.json"]);

interface Execution {
  readonly started: StepStarted;
  opened: StepOpened | null;
  finished: StepFinished | null;
  captured: readonly Captured[];
  attempts: number;
}

/** Sorts a journal's events, finished or cut anywhere. */
export function recordingOf(events: Iterable<Event>): Recording {
  const executions = new Map<string, Execution>();
  const without = new Map<string, string>();
  const settled = new Set<string>();
  const offline = new Set<string>();
  for (const event of events) {
    if (event.type === "step-started") {
      executions.set(event.span, { started: event, opened: null, finished: null, captured: [], attempts: 0 });
      without.set(event.step, "did not finish there");
    } else if (event.type === "step-opened") {
      const of = executions.get(event.span);
      if (of !== undefined) of.opened = event;
    } else if (event.type === "attempt-finished") {
      const of = executions.get(event.span);
      if (of !== undefined) of.attempts++;
    } else if (event.type === "captured" && !ownStreams.has(event.stream)) {
      const of = executions.get(event.span);
      if (of !== undefined) of.captured = [...ofAttempt(of.captured, event), event];
    } else if (event.type === "step-finished") {
      const of = executions.get(event.span);
      if (of !== undefined) of.finished = event;
      without.set(event.step, whyNot(event));
      if (event.outcome === "skipped" && event.reason?.startsWith(offlinePrefix)) offline.add(event.step);
      if (event.outcome !== "failed" || event.tolerated) settled.add(event.step);
      else settled.delete(event.step);
    }
  }
  const steps = [...executions.values()].flatMap(({ finished, ...of }) =>
    finished === null || of.started.spec === null ? [] : [{ ...of, finished }],
  );
  return { steps, without, offline, settled };
}

/** What an earlier attempt captured is not what the step was judged by. */
const ofAttempt = (before: readonly Captured[], { attempt }: Captured): readonly Captured[] =>
  before.filter((one) => one.attempt === attempt);

function whyNot({ outcome, reason }: StepFinished): string {
  if (outcome === "ok") return "had no rounds there";
  return `${outcome === "skipped" ? "was skipped" : "failed"} there${reason === null ? "" : ` (${reason})`}`;
}
