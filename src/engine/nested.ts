import type { Step } from "../model/runbook.js";
import type { OfStep } from "../model/step-event.js";
import { type NestedOutcome, StepFailure } from "../model/step-kind.js";
import type { ValueObject } from "../model/value.js";
import { initialScope } from "./absent.js";
import { evidenceName } from "./evidence-files.js";
import { markersOf } from "./marks.js";
import type { Frame, Run } from "./run-state.js";
import { reachVerdict } from "./verdict.js";

/** Runs the runbook that a step uses, inside it: names of its own, the same journal, evidence and changes. */
export async function runNested(
  step: Step,
  of: OfStep,
  frame: Frame,
  given: ValueObject,
  signal: AbortSignal,
): Promise<NestedOutcome> {
  if (step.uses === undefined) throw new Error(`${step.key} uses no runbook`);
  const { runbook, saves } = step.uses;
  const inputs = step.uses.inputs(given);
  if (!inputs.ok) throw new StepFailure(inputs.message);
  const run: Run = {
    ...frame.run,
    runbook,
    source: frame.run.source.within(step),
    scope: initialScope(runbook, inputs.value),
    began: new Map(),
    markers: markersOf(runbook.steps),
    marks: new Map(),
    sources: new Map(),
    nested: new Map(),
    within: { steps: `${of.step}.`, files: evidenceName(frame.run.within.files, step, of, "") },
  };
  const stop = await run.runList(runbook.steps, { ...frame, run, parent: of.span, signal });
  signal.throwIfAborted();
  if (stop !== null) throw new StepFailure(`${stop.step} failed: ${stop.reason}`);
  const verdict = runbook.verdict === null ? null : reachVerdict(runbook.verdict, run);
  if (typeof verdict === "string") throw new StepFailure(`the verdict of ${runbook.file}: ${verdict}`);
  if (verdict !== null) frame.run.nested.set(of.span, verdict.rests_on);
  return {
    verdict: verdict === null ? null : { answer: verdict.answer, says: verdict.says, advice: verdict.advice },
    saved: Object.fromEntries(saves.map((name) => [name, run.scope.get(name) ?? null])),
  };
}
