import { createHash } from "node:crypto";
import type { Evidence, EvidenceReader, EvidenceRef } from "../model/evidence.js";
import type { Step } from "../model/runbook.js";
import type { OfStep } from "../model/step-event.js";

/** What of an evidence store the engine needs. */
export interface EvidenceFiles extends EvidenceReader {
  open(
    fileName: string,
    on: { readonly close: (ref: EvidenceRef) => void; readonly cut: (why: string) => void },
  ): Evidence;
}

/** A file's name has at most 255 bytes; the ordinal before it tells steps apart. */
const longestKey = 100;
const longestName = 200;

/** What a step's stream is called. @param within what stands before the files of a used runbook, else nothing */
export const evidenceName = (
  within: string,
  step: Pick<Step, "ordinal" | "key">,
  of: Pick<OfStep, "iteration" | "attempt">,
  stream: string,
): string => {
  const round = of.iteration === null ? "" : `.round-${of.iteration}`;
  const attempt = of.attempt === 1 ? "" : `.attempt-${of.attempt}`;
  const own = `${String(step.ordinal).padStart(2, "0")}-${step.key.slice(0, longestKey)}${round}${attempt}.${stream}`;
  if (within.length + own.length <= longestName) return `${within}${own}`;
  const digest = createHash("sha256").update(within).digest("hex").slice(0, 12);
  return `${within.slice(0, Math.max(0, longestName - own.length - digest.length - 2))}~${digest}.${own}`;
};
