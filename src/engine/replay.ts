import type { EvidenceReader } from "../model/evidence.js";
import type { Json } from "../model/json.js";
import { revive } from "../model/revive.js";
import type { Step } from "../model/runbook.js";
import { StepFailure } from "../model/step-kind.js";
import type { Taken } from "../model/taken.js";
import type { ValueObject } from "../model/value.js";
import { wholeJson } from "../model/whole-json.js";
import { carryEvidence } from "./carry-evidence.js";
import { createFinder, type FinderOptions } from "./find-recorded.js";
import type { RecordedStep } from "./recording.js";
import { type Asking, liveSource, type Origin, RecordedFailure, type Source } from "./source.js";

export interface ReplayOptions extends FinderOptions {
  /** Of the case that was recorded. */
  readonly evidence: EvidenceReader;
}

/** Observations of an earlier case instead of a host. What asks nobody, such as a note, collects as ever. */
export function replaySource(options: ReplayOptions): Source {
  const { recording, evidence } = options;
  const find = createFinder(options);
  const source: Source = {
    isLive: () => false,
    wasOffline: (_, name) => recording.offline.has(name),
    within: () => source,
    async observe(asking) {
      if (asksNobody(asking)) return liveSource.observe(asking);
      if (asking.step.uses !== undefined) return used(asking);
      const step = find(asking);
      return { ...originOf(step), observation: await observationOf(step, asking) };
    },
    async open(asking) {
      const step = find(asking);
      if (step.opened === null) await observationOf(step, asking);
      return {
        ...originOf(step),
        opened: {
          value: openedValue(asking.step, step.opened?.value ?? {}),
          close: () => observationOf(step, asking),
        },
      };
    },
  };
  return source;

  /** A used runbook runs, since its steps take what they observed. */
  async function used(asking: Asking): Promise<Origin & { readonly observation: unknown }> {
    const taken = whenUsed(asking);
    try {
      return { ...(await liveSource.observe(asking)), taken };
    } catch (error) {
      if (!(error instanceof StepFailure) || taken === null) throw error;
      throw new RecordedFailure(error.message, taken, { observed: error.observed });
    }
  }

  /** When a used runbook ran, as a step that fits tells. */
  function whenUsed(asking: Asking): Taken | null {
    try {
      return takenOf(find(asking));
    } catch (error) {
      if (error instanceof StepFailure) return null;
      throw error;
    }
  }

  /** What was seen, with its evidence; throws what collecting ended with when it gave nothing to read. */
  async function observationOf(step: RecordedStep, asking: Asking): Promise<Json> {
    const { observation, result, uncollected, remedy } = step.finished;
    const { value, problem } = await wholeJson(observation, evidence);
    if (problem !== null) {
      throw new StepFailure(`expected the recorded observation, but ${problem}`, {
        remedy: "see what `casebook verify` says of the recorded case",
      });
    }
    const observed = await carryEvidence(step, value, evidence, asking);
    if (uncollected === undefined || result !== null) return observed;
    throw new RecordedFailure(uncollected, takenOf(step), { observed, ...(remedy !== null && { remedy }) });
  }
}

const asksNobody = ({ step, bound }: Asking): boolean => step.kind.asksNobody?.(bound.binding.spec) === true;

function originOf(step: RecordedStep): Origin {
  return { taken: takenOf(step), uncollected: step.finished.uncollected ?? null };
}

/** A case that itself took the observation tells when it was made. */
function takenOf({ finished, attempts }: RecordedStep): Taken {
  const { taken, started_at, finished_at, milliseconds } = finished;
  return taken ?? { started_at, finished_at, milliseconds, ...(attempts > 1 && { attempts }) };
}

/** Times are text in a journal; the kind's schema knows which are. */
function openedValue({ kind }: Step, json: Json): ValueObject {
  const value = revive(json) as ValueObject; // an object stays one
  const parsed = kind.opened?.safeParse(value);
  return parsed?.success ? parsed.data : value;
}
