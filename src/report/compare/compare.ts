import type { EvidenceReader } from "../../model/evidence.js";
import type { Report } from "../../model/report.js";
import type { ReportStep } from "../../model/report-step.js";
import { plain } from "../../model/rich-text.js";
import { type Hunk, hunksBetween } from "../../util/unified.js";
import { compareSteps, type Difference, differing, type StepDifference } from "./compare-steps.js";
import { exact, steadyOf } from "./passing.js";
import type { Side } from "./shown-lines.js";

/** How two runs differ. */
export interface Comparison {
  /** Of the texts that ran. */
  readonly runbook: readonly Hunk[];
  readonly differences: readonly Difference[];
  readonly steps: readonly StepDifference[];
  /** Steps and rounds that were compared. */
  readonly compared: number;
  /** Those that both have. */
  readonly shared: number;
}

/** A case that is compared. */
export interface Compared {
  readonly report: Report;
  readonly runbook: string;
  readonly evidence: EvidenceReader;
}

/**
 * Compares two runs: runbook, inputs, verdict, hypotheses, and of each step how it ended, its expectations, what it saved and shows.
 *
 * @param all compares also what no two runs share: times, the numbers of processes, addresses in memory
 */
export async function compareCases(left: Compared, right: Compared, all: boolean): Promise<Comparison> {
  const sides = [left, right].map((one) => ({
    evidence: one.evidence,
    steady: all ? exact : steadyOf(one.report),
    all,
  })) as [Side, Side]; // a pair of a pair
  const steps: StepDifference[] = [];
  const pairs = paired(left.report, right.report);
  for (const [one, other] of pairs) {
    const found = await compareSteps(one, other, sides);
    if (found !== null) steps.push(found);
  }
  const counts = {
    compared: pairs.length,
    shared: pairs.filter(([one, other]) => one !== null && other !== null).length,
  };
  const runbook = hunksBetween(linesOf(left.runbook), linesOf(right.runbook));
  return { runbook, differences: ofRuns(left.report, right.report, sides), steps, ...counts };
}

const linesOf = (text: string): readonly string[] => text.replace(/\n$/, "").split("\n");

type Pair = readonly [ReportStep | null, ReportStep | null];

/** Steps by their place: the keys around them, their own, their round. Notes show nothing that was observed. */
function paired(left: Report, right: Report): readonly Pair[] {
  const [ours, theirs] = [placed(left.steps, ""), placed(right.steps, "")];
  return [...new Set([...ours.keys(), ...theirs.keys()])].map((place) => [
    ours.get(place) ?? null,
    theirs.get(place) ?? null,
  ]);
}

function placed(steps: readonly ReportStep[], around: string): ReadonlyMap<string, ReportStep> {
  const found = new Map<string, ReportStep>();
  for (const step of steps) {
    if (step.kind === "note") continue;
    const place = `${around}/${step.kind} ${step.key} ${step.iteration ?? ""}`;
    found.set(place, step);
    for (const [inner, one] of placed([...step.rounds, ...step.during], place)) found.set(inner, one);
  }
  return found;
}

function ofRuns(one: Report, other: Report, sides: readonly [Side, Side]): readonly Difference[] {
  const inputs = new Set([...Object.keys(one.inputs), ...Object.keys(other.inputs)]);
  const standings = (report: Report) => new Map(report.hypotheses.map(({ name, standing }) => [name, standing]));
  const [ours, theirs] = [standings(one), standings(other)];
  const says = ({ verdict }: Report) => (verdict === null ? null : plain(verdict.says).trim() || null);
  return differing(
    [
      { what: "status", left: one.status, right: other.status },
      { what: "verdict", left: one.verdict?.answer ?? null, right: other.verdict?.answer ?? null },
      { what: "says", left: says(one), right: says(other) },
      ...[...inputs].map((name) => ({
        what: `input ${name}`,
        left: one.inputs[name] ?? null,
        right: other.inputs[name] ?? null,
      })),
      ...[...new Set([...ours.keys(), ...theirs.keys()])].map((name) => ({
        what: `hypothesis ${name}`,
        left: ours.get(name) ?? null,
        right: theirs.get(name) ?? null,
      })),
    ],
    sides,
  );
}
