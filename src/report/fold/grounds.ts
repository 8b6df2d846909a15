import type { Ground, SeenValue } from "../../model/ground.js";
import type { JsonObject } from "../../model/json.js";
import type { ReportStep } from "../../model/report-step.js";
import type { RestsOn } from "../../model/rests-on.js";
import { lineOf } from "./evidence-line.js";

/** Every executed step. */
type BySpan = ReadonlyMap<string, { readonly step: ReportStep }>;

export const seenValues = (seen: JsonObject): readonly SeenValue[] =>
  Object.entries(seen).map(([path, value]) => ({ path, value }));

/** What a verdict rests on, in the order in which its rule reads it. */
export const groundsOf = (restsOn: readonly RestsOn[], bySpan: BySpan): readonly Ground[] =>
  withoutRepeats(
    restsOn.flatMap(({ span, expectation, seen = {} }) => groundOf(span, expectation, bySpan, seenValues(seen)) ?? []),
  );

/**
 * What a verdict or a hypothesis rests on: the expectation, or the step, with the captured line that shows the values seen.
 *
 * @param read what was read of the step itself
 */
export function groundOf(
  span: string,
  expectation: string | null,
  bySpan: BySpan,
  read: readonly SeenValue[] = [],
): Ground | null {
  const built = bySpan.get(span);
  if (built === undefined) return null;
  const { step } = built;
  const seen = expectation === null ? undefined : step.expectations.find(({ name }) => name === expectation);
  return {
    step: step.key,
    title: step.title,
    expectation: seen?.name ?? null,
    anchor: seen?.anchor ?? step.anchor,
    holds: seen === undefined || seen.state === "unknown" ? null : seen.state === "met",
    that: seen?.that ?? null,
    // That an expectation was met is told by `holds`.
    seen: seen === undefined ? read : [],
    line: lineFor(step, seen?.seen ?? null, read),
  };
}

/** Values that were read of a step may be too short to be found; the whole of what it saved under these names is not. */
function lineFor(step: ReportStep, expected: readonly SeenValue[] | null, read: readonly SeenValue[]) {
  const values = ({ value }: { readonly value: SeenValue["value"] }) => value;
  if (expected !== null) return lineOf(expected.map(values), step.blocks);
  const names = new Set(read.map(({ path }) => path.split(".")[0]));
  const saved = step.saved.filter(({ name }) => names.size === 0 || names.has(name));
  return lineOf(read.map(values), step.blocks) ?? lineOf(saved.map(values), step.blocks);
}

/** A step says nothing beside an expectation of its own that shows the same line: what was read of it stands with that. */
function withoutRepeats(grounds: readonly Ground[]): readonly Ground[] {
  const shownBy = (one: Ground): Ground | undefined =>
    one.expectation !== null
      ? undefined
      : grounds.find(
          (other) =>
            other.expectation !== null &&
            other.step === one.step &&
            (one.line === null || one.line.anchor === other.line?.anchor),
        );
  return grounds
    .filter((one) => shownBy(one) === undefined)
    .map((one) => ({
      ...one,
      seen: [...one.seen, ...grounds.filter((other) => shownBy(other) === one).flatMap(({ seen }) => seen)],
    }));
}
