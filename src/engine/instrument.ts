import type { JsonObject } from "../model/json.js";
import type { Step } from "../model/runbook.js";
import type { OfStep } from "../model/step-event.js";
import type { Opened } from "../model/step-kind.js";
import { describeLoss } from "../model/target.js";
import { toJson, type ValueObject } from "../model/value.js";
import { type Attempt, closed, ended, failed, type Seen, succeeded } from "./attempt.js";
import type { Bound } from "./bound.js";
import { cancellation, deadline, describe } from "./cancel.js";
import { createContext, type LiveContext } from "./context.js";
import type { Frame, Stop } from "./run-state.js";
import type { Origin } from "./source.js";

/** How long closing may take; a deadline of its own, so that a cancelled step still gives up its evidence. */
const closeMilliseconds = 60_000;

/** Opens an instrument, runs its `during`, puts back what it changed and collects, however `during` ended. */
export async function useInstrument(
  step: Step,
  of: OfStep,
  bound: Bound,
  frame: Frame,
  started: Date,
): Promise<Attempt> {
  const { run } = frame;
  const { spec } = bound.binding;
  using limit = deadline(frame.signal, bound.timeout);
  const live = createContext(step, of, frame, limit, bound.env);
  const asking = {
    step,
    of,
    bound,
    context: live.context,
    files: run.files,
    recorder: run.recorder,
    within: run.within.files,
  };
  let found: Origin & { readonly opened: Opened<unknown> };
  try {
    found = await run.source.open(asking);
  } catch (error) {
    const lost = await run.changes.undo(of.span);
    return ended(await closed(failed(error, limit.signal, null), live), limit.signal, lost);
  }
  const { opened } = found;

  run.recorder.emit({ type: "step-opened", ...of, value: toJson(opened.value) as JsonObject }); // an object stays one
  if (step.id !== null) run.scope.set(step.id, { outcome: "ok", started_at: startOf(found, started), ...opened.value });
  let stop: Stop | null = null;
  let bug: unknown = null;
  try {
    stop = await runDuring(step, of, opened, limit.signal, frame);
  } catch (error) {
    bug = error; // thrown again by the caller, after everything was put back
  }

  const lost = await run.changes.undo(of.span);
  const collected = await closed(await collect(step, spec, found, lost, live, frame), live);
  // What ended this step as well is told once, and not again for each step inside.
  const own = limit.signal.aborted ? describe(cancellation(limit.signal)) : found.uncollected;
  const why = stop === null || stop.reason === own ? collected.failure : `${stop.step} failed: ${stop.reason}`;
  const broke = stop?.step === step.key ? stop.reason : collected.uncollected;
  const attempted = { ...collected, failure: why, uncollected: broke, bug: bug ?? collected.bug };
  return ended(attempted, limit.signal, lost);
}

const startOf = ({ taken }: Origin, started: Date): Date => (taken === null ? started : new Date(taken.started_at));

async function runDuring(
  step: Step,
  of: OfStep,
  opened: Opened<unknown>,
  signal: AbortSignal,
  frame: Frame,
): Promise<Stop | null> {
  using inner = deadline(signal, null);
  let closing = false;
  void opened.broken?.then((why) => {
    if (!closing) inner.abort({ by: "broken", why });
  });
  const stop = await frame.run.runList(step.during ?? [], {
    run: frame.run,
    parent: of.span,
    signal: inner.signal,
    instruments: [...frame.instruments, { run: frame.run, step, offers: opened.offers ?? [] }],
  });
  closing = true;
  if (stop !== null || !inner.signal.aborted || signal.aborted) return stop;
  return { step: of.step, reason: describe(cancellation(inner.signal)) };
}

async function collect(
  step: Step,
  spec: unknown,
  { opened, taken, uncollected }: Origin & { readonly opened: Opened<unknown> },
  lost: readonly string[],
  live: LiveContext,
  frame: Frame,
): Promise<Attempt> {
  const signal = AbortSignal.timeout(closeMilliseconds);
  let seen: Seen | null = null;
  try {
    const observation = await opened.close(signal, lost);
    seen = { observation, taken, uncollected };
    await live.closeCaptures();
    const result: ValueObject = await step.kind.read(spec, observation, frame.run.files);
    const failure = uncollected ?? step.kind.failure?.(spec, result) ?? null;
    return { ...succeeded(observation, result), failure, taken, uncollected };
  } catch (error) {
    const ending = failed(error, signal, seen);
    const { target } = frame.run;
    const late = signal.aborted ? `did not close within ${closeMilliseconds / 1000} s` : null;
    const why = target.lost.aborted ? describeLoss(target) : late;
    return why === null ? ending : { ...ending, failure: why, uncollected: why, endsRun: false, bug: null };
  }
}
