import type { OutlinedStep } from "../../model/event.js";
import type { EvidenceRef } from "../../model/evidence.js";
import type { Collected, Execution } from "./collect.js";

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
  for (const execution of executions.values()) {
    const { of, finished, captured } = execution;
    if (finished !== null || !ordinals.has(of.step)) continue;
    const prefix = `evidence/${nameOf(execution, ordinals, executions)}.`;
    for (const evidence of files) {
      const stream = evidence.path.slice(prefix.length);
      if (known.has(evidence.path) || !evidence.path.startsWith(prefix) || inner.test(stream)) continue;
      captured.push({ type: "captured", ...of, stream, evidence });
    }
  }
}

/** What goes on so is of a round, of an earlier attempt, or of a step in a runbook that this one uses. */
const inner = /^(?:round-|attempt-)?\d+/;

/** `03-waiting`, `03-waiting.round-2`, `03-waiting.attempt-2`; in a used runbook `02-tls.03-waiting`. */
function nameOf(
  { of, attempts }: Execution,
  ordinals: ReadonlyMap<string, number>,
  executions: Collected["executions"],
): string {
  const dot = of.step.lastIndexOf(".");
  const round = of.iteration === null ? "" : `.round-${of.iteration}`;
  // What was still going on when the run died is of the attempt after those that had ended.
  const attempt = attempts.length === 0 ? "" : `.attempt-${attempts.length + 1}`;
  const own = `${String(ordinals.get(of.step)).padStart(2, "0")}-${of.step.slice(dot + 1)}${round}${attempt}`;
  if (dot === -1) return own;
  const user = of.step.slice(0, dot);
  let around = of.parent === null ? undefined : executions.get(of.parent);
  while (around !== undefined && around.of.step !== user) {
    around = around.of.parent === null ? undefined : executions.get(around.of.parent);
  }
  return around === undefined ? own : `${nameOf(around, ordinals, executions)}.${own}`;
}
