import type { OutlinedStep } from "../../model/event.js";
import type { EvidenceRef } from "../../model/evidence.js";
import type { OfStep } from "../../model/step-event.js";
import type { Collected } from "./collect.js";

/**
 * Gives files that a run left when it died, which no event mentions, to the steps that were writing them: they begin with the
 * step's number and key, as `evidence/03-waiting.stdout` does; in a runbook that a step uses, behind those of that step.
 */
export function addLeftBehind(
  files: readonly EvidenceRef[],
  { executions }: Collected,
  outline: readonly OutlinedStep[],
): void {
  const known = new Set(
    [...executions.values()].flatMap(({ captured }) => captured.map(({ evidence }) => evidence.path)),
  );
  const ordinals = new Map(outline.map(({ step, ordinal }) => [step, ordinal]));
  for (const { of, finished, captured } of executions.values()) {
    const ordinal = ordinals.get(of.step);
    if (finished !== null || ordinal === undefined) continue;
    const prefix = `evidence/${nameOf(of, ordinals, executions)}.`;
    for (const evidence of files) {
      const stream = evidence.path.slice(prefix.length);
      if (known.has(evidence.path) || !evidence.path.startsWith(prefix) || inner.test(stream)) continue;
      captured.push({ type: "captured", ...of, stream, evidence });
    }
  }
}

/** What goes on so is of a round, or of a step in a runbook that this one uses. */
const inner = /^(?:round-)?\d+/;

/** `03-waiting`, `03-waiting.round-2`; in a used runbook `02-tls.03-waiting`. */
function nameOf(of: OfStep, ordinals: ReadonlyMap<string, number>, executions: Collected["executions"]): string {
  const dot = of.step.lastIndexOf(".");
  const round = of.iteration === null ? "" : `.round-${of.iteration}`;
  const own = `${String(ordinals.get(of.step)).padStart(2, "0")}-${of.step.slice(dot + 1)}${round}`;
  if (dot === -1) return own;
  const user = of.step.slice(0, dot);
  let around = of.parent === null ? undefined : executions.get(of.parent)?.of;
  while (around !== undefined && around.step !== user) {
    around = around.parent === null ? undefined : executions.get(around.parent)?.of;
  }
  return around === undefined ? own : `${nameOf(around, ordinals, executions)}.${own}`;
}
