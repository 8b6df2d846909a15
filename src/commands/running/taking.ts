import { createMasker } from "../../engine/mask.js";
import { recordedTarget } from "../../engine/recorded-target.js";
import { replaySource } from "../../engine/replay.js";
import { rerunSource } from "../../engine/rerun.js";
import { liveSource, type Source } from "../../engine/source.js";
import type { TakenFrom } from "../../model/taken.js";
import type { RecordedCase } from "../recorded-case.js";
import type { HostOfRun } from "./host-of-run.js";
import type { RerunSteps } from "./rerun-steps.js";

/** What a run takes of an earlier case instead of observing it. */
export interface Taking {
  readonly from: RecordedCase;
  /** The steps that run all the same; null: none, and no host is asked. */
  readonly rerun: Pick<RerunSteps, "live" | "loose"> | null;
}

/** A replay has no secrets: where they stood, the case that was recorded has their masks. */
export const isReplay = (taking: Taking | null): boolean => taking?.rerun === null;

/** Stands for the host of a replay. */
export const hostOfReplay = ({ connected }: RecordedCase): HostOfRun => ({
  target: recordedTarget(connected),
  facts: connected.facts,
  tools: connected.tools,
});

/** Where a run's observations come from, and what it says of that. */
export function sourceOf(
  taking: Taking | null,
  secrets: ReadonlyMap<string, string>,
): { readonly source: Source; readonly takenFrom: TakenFrom | null } {
  if (taking === null) return { source: liveSource, takenFrom: null };
  const { recording, evidence, typed, head, started } = taking.from;
  const from = { case: typed, head, started_at: started.at };
  if (taking.rerun === null) {
    const source = replaySource({ recording, evidence, mask: (json) => json, loose: new Set(), remedy: toObserve });
    return { source, takenFrom: { mode: "replay", ...from } };
  }
  // Apart from the run's own, whose masks are counted.
  const { json: mask } = createMasker(secrets);
  const { live, loose } = taking.rerun;
  return {
    source: rerunSource({ recording, evidence, mask, loose, remedy: toRunAgain }, live),
    takenFrom: { mode: "rerun", ...from },
  };
}

const toObserve = (): string => "what is new has to be observed: run it on its host";

const toRunAgain = (step: string): string => `let it run again as well: --from ${step}`;
