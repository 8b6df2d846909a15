import type { Json, JsonObject } from "../model/json.js";
import type { Step } from "../model/runbook.js";
import type { OfStep } from "../model/step-event.js";
import { riskOf } from "../model/step-risk.js";
import { toJson, type Value, type ValueObject } from "../model/value.js";
import type { Attempt } from "./attempt.js";
import type { Bound } from "./bound.js";
import { evidenceName } from "./evidence-files.js";
import type { Run } from "./run-state.js";

/** Above this many bytes of JSON an observation or a result is kept as evidence instead of in the journal. */
const inlineBytes = 64 * 1024;

/** @param bound null: it could not be rendered, or it is a `for_each` step, whose rounds are */
export function emitStarted(step: Step, of: OfStep, run: Run, bound: Bound | null, item?: Value): void {
  const risk = riskOf(step);
  run.recorder.emit({
    type: "step-started",
    ...of,
    kind: step.kind.name,
    title: bound?.title ?? null,
    note: bound?.note ?? null,
    risk,
    risk_declared: step.risk !== null,
    spec: bound === null ? null : (bound.binding.spec as Json), // specs are data parsed from YAML
    ...(bound !== null && Object.keys(bound.env).length > 0 && { env: bound.env }),
    ...(step.become !== null && { user: step.become }),
    ...(item === undefined ? {} : { item: toJson(item) }),
  });
}

/** How an execution of a step ended. */
export interface Ending {
  readonly outcome: "ok" | "failed" | "skipped";
  readonly reason: string | null;
  readonly started: Date;
  readonly finished: Date;
  readonly milliseconds: number;
  readonly saved: ValueObject;
  readonly attempted: Attempt | null;
  readonly result: Value;
  /** The whole run ends with it, which nothing tolerates. */
  readonly endsRun: boolean;
}

export async function emitFinished(step: Step, of: OfStep, run: Run, end: Ending): Promise<void> {
  const { attempted } = end;
  const nested = end.outcome === "ok" ? run.nested.get(of.span) : undefined;
  // Observations are JSON by their contract.
  const observation = await kept(step, of, run, "observation", (attempted?.observation ?? null) as Json);
  const result = await kept(step, of, run, "result", toJson(end.result));
  const saved = (await kept(step, of, run, "saved", toJson(end.saved))) as JsonObject; // an object stays one
  run.recorder.emit({
    type: "step-finished",
    ...of,
    kind: step.kind.name,
    outcome: end.outcome,
    reason: end.reason,
    remedy: attempted?.remedy ?? null,
    ...(attempted != null && attempted.uncollected !== null && { uncollected: attempted.uncollected }),
    ...(attempted != null && attempted.taken !== null && { taken: attempted.taken }),
    tolerated: end.outcome === "failed" && step.onFail === "continue" && !end.endsRun,
    started_at: end.started.toISOString(),
    finished_at: end.finished.toISOString(),
    milliseconds: end.milliseconds,
    observation,
    result,
    saved,
    ...(nested !== undefined && { rests_on: nested }),
    saved_by: Object.fromEntries(step.save.map(({ name, value }) => [name, value.text])),
  });
}

/** The value itself, or, where it is large, `{"evidence": …}` after writing it as evidence. */
async function kept(step: Step, of: OfStep, run: Run, stream: string, value: Json): Promise<Json> {
  if (value === null) return null;
  const text = JSON.stringify(value);
  if (Buffer.byteLength(text) <= inlineBytes) return value;
  const name = `${stream}.json`;
  const evidence = run.files.open(evidenceName(run.within.files, step, of, name), {
    close: (ref) => run.recorder.emit({ type: "captured", ...of, stream: name, evidence: ref }),
    cut: () => {}, // the reference says that it was cut, and the journal's own disk check ends the run
  });
  await evidence.write(Buffer.from(text));
  const ref = await evidence.close();
  return ref === null ? value : { evidence: { ...ref } };
}
