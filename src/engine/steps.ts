import type { Step } from "../model/runbook.js";
import type { OfStep } from "../model/step-event.js";
import { Absent, type Value, type ValueObject } from "../model/value.js";
import { absentStep, setAbsent } from "./absent.js";
import { type Attempt, attempt, observedAt, succeeded } from "./attempt.js";
import { type Bound, bindStep } from "./bound.js";
import { cancellation, describe, wait } from "./cancel.js";
import { useInstrument } from "./instrument.js";
import { takeMarks } from "./marks.js";
import { offlinePrefix } from "./recording.js";
import type { Frame, Run, Stop } from "./run-state.js";
import { judge, reason, settle, truth, withValues } from "./settle.js";
import { emitFinished, emitStarted } from "./step-events.js";

/** Runs a list of steps in order, until its end or until a step fails that is not tolerated. */
export async function runList(steps: readonly Step[], frame: Frame): Promise<Stop | null> {
  for (const step of steps) {
    const key = `${frame.run.within.steps}${step.key}`;
    if (frame.signal.aborted) return { step: key, reason: describe(cancellation(frame.signal)) };
    const done = await runStep(step, frame);
    if (done.bug !== null) throw done.bug;
    if (done.failure !== null && (done.endsRun || step.onFail === "stop")) {
      return { step: key, reason: done.failure };
    }
  }
  return null;
}

/** What of a finished step the list around it needs. */
interface Done {
  readonly failure: string | null;
  readonly endsRun: boolean;
  readonly bug: unknown;
}

const skipped: Done = { failure: null, endsRun: false, bug: null };

async function runStep(step: Step, frame: Frame): Promise<Done> {
  const { run } = frame;
  const of = {
    step: `${run.within.steps}${step.key}`,
    span: run.counters.span(),
    parent: frame.parent,
    iteration: null,
    attempt: 1,
  };
  if (step.id !== null) run.began.set(step.id, run.now());
  const held = step.forEach === null || !readsElement(step) ? holds(step, run) : null;
  const early = held ?? skippedOffline(step, of.step, run);
  if (early !== null) return finishEarly(step, of, early, frame);
  return step.forEach === null ? runOnce(step, of, frame) : runRounds(step, of, frame);
}

function skippedOffline(
  step: Step,
  name: string,
  run: Run,
): { readonly outcome: "skipped"; readonly why: string } | null {
  const offline = run.source.isLive(step) ? run.offline : run.source.wasOffline(step, name);
  const looksUp = offline ? step.kind.outline(step.written).looksUp : undefined;
  return looksUp === undefined ? null : { outcome: "skipped", why: `${offlinePrefix}${looksUp.service} is not asked` };
}

/** Notes how things stand as a step begins, unless it is taken: now is not when that one began. */
async function noteMarks(step: Step, of: OfStep, frame: Frame): Promise<void> {
  if (step.id !== null && of.iteration === null && frame.run.source.isLive(step)) await takeMarks(step.id, of, frame);
}

/** null when the step is to run; else why it is skipped or fails. */
function holds(step: Step, run: Run): { readonly outcome: "skipped" | "failed"; readonly why: string } | null {
  if (step.when === null) return null;
  const found = judge(step.when, run.scope);
  if (found.kind === "error") return { outcome: "failed", why: `when: ${withValues(found.message, found)}` };
  return truth(found) === true ? null : { outcome: "skipped", why: `when: ${step.when.text}${reason(found)}` };
}

/** Whether `when` reads the element of a round, and so is decided for each round. */
const readsElement = (step: Step): boolean =>
  step.when?.reads.some((path) => path.split(/[.[]/)[0] === step.forEach?.name) ?? false;

async function finishEarly(
  step: Step,
  of: OfStep,
  early: { readonly outcome: "skipped" | "failed"; readonly why: string },
  frame: Frame,
): Promise<Done> {
  const now = frame.run.now();
  setAbsent(
    frame.run.scope,
    step,
    early.outcome,
    `${step.key} ${early.outcome === "failed" ? "failed" : "was skipped"}`,
  );
  await noteMarks(step, of, frame);
  const { outcome, why } = early;
  const times = { started: now, finished: now, milliseconds: 0 };
  const nothing = { saved: {}, attempted: null, result: null, endsRun: false };
  await emitFinished(step, of, frame.run, { outcome, reason: why, ...times, ...nothing });
  return early.outcome === "skipped" ? skipped : { ...skipped, failure: early.why };
}

/** One execution of a step that is to run: renders it, runs it, settles it. */
async function runOnce(
  step: Step,
  of: OfStep,
  frame: Frame,
  item?: Value,
): Promise<Done & { readonly row: ValueObject }> {
  const { run } = frame;
  const started = run.now();
  const since = performance.now();
  const bound = bindStep(step, run.scope);
  emitStarted(step, of, run, bound.ok ? bound.value : null, item);
  await noteMarks(step, of, frame);
  let attempted = bound.ok
    ? await execute(step, of, bound.value, frame, started)
    : { ...succeeded(null, {}), result: null, failure: bound.message };

  const finished = run.now();
  const milliseconds = Math.round(performance.now() - since);
  const times = observedAt(attempted, { started_at: started, finished_at: finished, milliseconds });
  // Of the last attempt is what the step comes to.
  const last = { ...of, attempt: attempted.number };
  let saved: ValueObject = {};
  let row: ValueObject;
  if (attempted.failure === null && attempted.result !== null) {
    const result = { ...attempted.result, outcome: "ok", ...times };
    const settled = settle(step, last, result, run);
    saved = settled.saved;
    attempted = { ...attempted, failure: settled.failure };
    row = { ...result, expect: settled.expect, ...(step.forEach !== null && { save: saved }) };
  } else {
    row = {};
  }
  if (attempted.failure !== null) {
    const absent = new Absent(`${step.key} failed`);
    setAbsent(run.scope, step, "failed", absent.because);
    row = { ...absentStep(step, "failed", absent), ...times };
  }
  if (step.id !== null && attempted.taken !== null) run.began.set(step.id, new Date(attempted.taken.started_at));
  if (step.id !== null && step.forEach === null) {
    run.scope.set(step.id, row);
    run.sources.set(step.id, { step: of.step, span: of.span, madeFrom: [] });
  }
  const outcome = attempted.failure === null ? "ok" : "failed";
  const { failure, result } = attempted;
  await emitFinished(step, last, run, {
    outcome,
    reason: failure,
    started,
    finished,
    milliseconds,
    saved,
    attempted,
    result,
    endsRun: attempted.endsRun,
  });
  return { failure: attempted.failure, endsRun: attempted.endsRun, bug: attempted.bug, row };
}

async function execute(step: Step, of: OfStep, bound: Bound, frame: Frame, started: Date): Promise<Attempt> {
  if (step.during !== null) return useInstrument(step, of, bound, frame, started);
  if (bound.retry === null) return attempt(step, of, bound, frame);
  // Only the last attempt was recorded.
  const retry = frame.run.source.isLive(step) ? bound.retry : { ...bound.retry, times: 1 };
  return retried(step, of, bound, frame, retry);
}

async function retried(
  step: Step,
  of: OfStep,
  bound: Bound,
  frame: Frame,
  retry: NonNullable<Bound["retry"]>,
): Promise<Attempt> {
  const { run } = frame;
  for (let number = 1; ; number++) {
    const since = performance.now();
    const started = run.now();
    const here = { ...of, attempt: number };
    const ran = { ...(await attempt(step, here, bound, frame)), number };
    const milliseconds = Math.round(performance.now() - since);
    const tried = untilMet(ran, retry, run, { started_at: started, finished_at: run.now(), milliseconds });
    const outcome = tried.failure === null ? "ok" : "failed";
    run.recorder.emit({ type: "attempt-finished", ...here, outcome, reason: tried.failure, milliseconds });
    if (tried.failure === null || tried.endsRun) return tried;
    if (number === retry.times) {
      const attempts = tried.taken?.attempts ?? retry.times;
      const why = attempts === 1 ? tried.failure : `after ${attempts} attempts: ${tried.failure}`;
      return { ...tried, failure: why };
    }
    if (retry.every > 0 && !(await wait(retry.every, frame.signal))) {
      return { ...tried, failure: describe(cancellation(frame.signal)), endsRun: true };
    }
    if (frame.signal.aborted) return { ...tried, failure: describe(cancellation(frame.signal)), endsRun: true };
  }
}

function untilMet(tried: Attempt, retry: NonNullable<Bound["retry"]>, run: Run, times: ValueObject): Attempt {
  if (tried.failure !== null || tried.result === null || retry.until === null) return tried;
  run.scope.set("result", { ...tried.result, outcome: "ok", ...observedAt(tried, times) });
  const found = judge(retry.until, run.scope);
  run.scope.delete("result");
  return truth(found) === true ? tried : { ...tried, failure: `until: ${retry.until.text}${reason(found)}` };
}

/** A `for_each` step: an execution for each element, then the list of their rows. */
async function runRounds(step: Step, of: OfStep, frame: Frame): Promise<Done> {
  const { run } = frame;
  const { forEach } = step;
  if (forEach === null) throw new Error(`${step.key} has no for_each`);
  const started = run.now();
  const since = performance.now();
  emitStarted(step, of, run, null);
  await noteMarks(step, of, frame);
  const list = forEach.list.render(run.scope);
  const rows: ValueObject[] = [];
  let last: Done = list.ok ? skipped : { ...skipped, failure: `for_each: ${list.message}` };
  let failures = list.ok ? 0 : 1;
  for (const [index, item] of list.ok ? list.value.entries() : []) {
    if (frame.signal.aborted) {
      last = { failure: describe(cancellation(frame.signal)), endsRun: true, bug: null };
      failures++;
      break;
    }
    run.scope.set(forEach.name, item);
    const round = { ...of, span: run.counters.span(), parent: of.span, iteration: index + 1 };
    const done = await runRound(step, round, frame, item);
    rows.push({ ...done.row, item });
    if (done.failure === null) continue;
    failures++;
    // That the run ends is the same in every round, and for all that is around them.
    last = done.endsRun ? done : { ...done, failure: `round ${index + 1}: ${done.failure}` };
    if (done.endsRun || step.onFail === "stop") break;
  }
  run.scope.delete(forEach.name);
  for (const { name } of step.save) run.scope.set(name, new Absent(`${name} was saved in a round of ${step.key}`));
  if (step.id !== null) {
    run.scope.set(step.id, list.ok ? rows : new Absent(`${step.key} failed`));
    run.sources.set(step.id, { step: of.step, span: of.span, madeFrom: [] });
  }
  await emitFinished(step, of, run, {
    outcome: failures === 0 ? "ok" : "failed",
    reason: failures > 1 && !last.endsRun ? `${failures} rounds failed; the last: ${last.failure}` : last.failure,
    started,
    finished: run.now(),
    milliseconds: Math.round(performance.now() - since),
    saved: {},
    attempted: null,
    result: rows,
    endsRun: last.endsRun,
  });
  return failures === 0 ? skipped : last;
}

async function runRound(
  step: Step,
  of: OfStep,
  frame: Frame,
  item: Value,
): Promise<Done & { readonly row: ValueObject }> {
  const held = readsElement(step) ? holds(step, frame.run) : null;
  if (held === null) return runOnce(step, of, frame, item);
  const done = await finishEarly(step, of, held, frame);
  return { ...done, row: absentStep(step, held.outcome, new Absent(held.why)) };
}
