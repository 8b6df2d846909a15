import type { RunStarted } from "../../model/event.js";
import type { Ground } from "../../model/ground.js";
import type { ReportHypothesis } from "../../model/report.js";
import { groundOf } from "./grounds.js";
import type { BuiltSteps } from "./steps.js";

/** Where each hypothesis stands: what supports or refutes it counts only when the expectation holds, of a step that did not fail. */
export function standings(
  hypotheses: RunStarted["runbook"]["hypotheses"],
  steps: BuiltSteps,
): readonly ReportHypothesis[] {
  if (hypotheses.length === 0) return [];
  const named = hypotheses.map(({ name, text }) => ({
    name,
    text,
    supports: [] as Ground[],
    refutes: [] as Ground[],
    without_weight: [] as Ground[],
  }));
  const byName = new Map(named.map((hypothesis) => [hypothesis.name, hypothesis]));
  for (const [span, { step }] of steps.bySpan) {
    for (const { name, supports, refutes, state } of step.expectations) {
      if (supports.length + refutes.length === 0) continue;
      const found = groundOf(span, name, steps.bySpan);
      if (found === null) continue;
      // As for conditions, what a failed step has seen is unknown: also what held before something later in it failed.
      const ground = step.status === "ok" ? found : { ...found, holds: null };
      const counts = step.status === "ok" && state === "met";
      for (const [side, of] of [
        ["supports", supports],
        ["refutes", refutes],
      ] as const) {
        for (const hypothesis of of) byName.get(hypothesis)?.[counts ? side : "without_weight"].push(ground);
      }
    }
  }
  return named.map((hypothesis) => ({ ...hypothesis, standing: standing(hypothesis) }));
}

function standing(of: { supports: readonly Ground[]; refutes: readonly Ground[] }): ReportHypothesis["standing"] {
  if (of.supports.length > 0) return of.refutes.length > 0 ? "contested" : "supported";
  return of.refutes.length > 0 ? "refuted" : "open";
}
