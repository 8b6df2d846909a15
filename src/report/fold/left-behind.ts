import type { OutlinedStep } from "../../model/event.js";
import type { EvidenceRef } from "../../model/evidence.js";
import type { Collected } from "./collect.js";

/**
 * Gives files that a run left when it died, which no event mentions, to the steps that were writing them: they begin with the
 * step's number and key, as `evidence/03-waiting.stdout` does.
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
    const round = of.iteration === null ? "" : `.round-${of.iteration}`;
    const prefix = `evidence/${String(ordinal).padStart(2, "0")}-${of.step}${round}.`;
    for (const evidence of files) {
      const stream = evidence.path.slice(prefix.length);
      if (known.has(evidence.path) || !evidence.path.startsWith(prefix) || stream.startsWith("round-")) continue;
      captured.push({ type: "captured", ...of, stream, evidence });
    }
  }
}
