import type { Step } from "../model/runbook.js";
import type { OfStep } from "../model/step-event.js";
import { type Opened, type StepContext, StepFailure } from "../model/step-kind.js";
import type { Taken } from "../model/taken.js";
import type { Bound } from "./bound.js";
import type { EvidenceFiles } from "./evidence-files.js";
import type { Recorder } from "./recorder.js";

/** One attempt of a step that wants an observation. */
export interface Asking {
  readonly step: Step;
  readonly of: OfStep;
  readonly bound: Bound;
  readonly context: StepContext;
  /** Where evidence goes that is not captured but carried over. */
  readonly files: EvidenceFiles;
  /** What stands before the names of its files there. */
  readonly within: string;
  readonly recorder: Recorder;
}

/** Where an observation is from, and what is wrong with it. */
export interface Origin {
  /** When it was made, if not now. */
  readonly taken: Taken | null;
  /** Why it was cut short; null: it was not. */
  readonly uncollected: string | null;
}

/** Where observations come from. Both ways of collecting reject with `StepFailure` when there is none. */
export interface Source {
  /** The host itself is asked: again when a step is retried, and how things stand when another step begins. */
  isLive(step: Step): boolean;
  /** It was skipped, when this was recorded, because that run was offline. */
  wasOffline(step: Step, name: string): boolean;
  observe(asking: Asking): Promise<Origin & { readonly observation: unknown }>;
  open(asking: Asking): Promise<Origin & { readonly opened: Opened<unknown> }>;
  /** Where those of the runbook come from that a step uses. */
  within(step: Step): Source;
}

/** Collecting failed when the observation was recorded, and so it fails again. */
export class RecordedFailure extends StepFailure {
  constructor(
    message: string,
    readonly taken: Taken,
    more: { readonly remedy?: string; readonly observed: unknown },
  ) {
    super(message, more);
  }
}

const live: Origin = { taken: null, uncollected: null };

/** The host. */
export const liveSource: Source = {
  isLive: () => true,
  wasOffline: () => false,
  within: () => liveSource,
  async observe({ step: { kind }, bound, context }) {
    if (kind.observe === undefined) throw new Error(`step kind ${kind.name} needs a during list to open`);
    return { ...live, observation: await kind.observe(bound.binding.spec, context) };
  },
  async open({ step: { kind }, bound, context }) {
    if (kind.open === undefined) throw new Error(`step kind ${kind.name} is no instrument`);
    return { ...live, opened: await kind.open(bound.binding.spec, context) };
  },
};
