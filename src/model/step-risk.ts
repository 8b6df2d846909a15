import { highest, type Risk } from "./risk.js";
import type { Step } from "./runbook.js";

/** What a step does as far as its text tells: as it declares, else as its kind and the runbook that it uses say. */
export function riskOf({ risk, kind, written, uses }: Step): Risk {
  return risk ?? highest([kind.outline(written).risk, ...(uses === undefined ? [] : [riskOfAll(uses.runbook.steps)])]);
}

/** The highest of a list of steps, those inside instruments included. */
export function riskOfAll(steps: readonly Step[]): Risk {
  return highest(steps.flatMap((step) => [riskOf(step), riskOfAll(step.during ?? [])]));
}
