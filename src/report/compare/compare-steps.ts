import { isDeepStrictEqual } from "node:util";
import type { Json } from "../../model/json.js";
import type { ReportBlock, ReportExpectation, ReportStep, SavedValue } from "../../model/report-step.js";
import { plain } from "../../model/rich-text.js";
import { type Hunk, hunksBetween } from "../../util/unified.js";
import { isPassingValue } from "./passing.js";
import { linesOfBlock, type ShownLines, type Side } from "./shown-lines.js";

/** One thing that is not the same; null where one of both has it not. */
export interface Difference {
  /** `verdict`, `status`, `input port`, `saved port`, `expect says_404`. */
  readonly what: string;
  readonly left: Json;
  readonly right: Json;
}

export interface StepDifference {
  readonly step: string;
  /** The round; null outside of a `for_each`. */
  readonly iteration: number | null;
  readonly title: string;
  readonly differences: readonly Difference[];
  /** What the step shows: its output, rows, a transcript. */
  readonly outputs: readonly {
    readonly name: string;
    /** What of them was not compared. */
    readonly notes: readonly string[];
    readonly hunks: readonly Hunk[];
  }[];
}

/** Those that differ once what passes with the run is out of both. */
export const differing = (all: readonly Difference[], [ours, theirs]: readonly [Side, Side]): readonly Difference[] =>
  all.filter(({ left, right }) => !isDeepStrictEqual(ours.steady.json(left), theirs.steady.json(right)));

/** null: nothing differs. One of both may be absent: the step was in one run only. */
export async function compareSteps(
  left: ReportStep | null,
  right: ReportStep | null,
  sides: readonly [Side, Side],
): Promise<StepDifference | null> {
  const either = left ?? right;
  if (either === null) return null;
  const candidates = [
    ...statuses(left, right),
    ...savedValues(left, right, sides[0].all),
    ...expectations(left, right),
  ];
  const differences = differing(candidates, sides);
  const outputs = left === null || right === null ? [] : await compareBlocks(left, right, sides);
  if (differences.length + outputs.length === 0) return null;
  return { step: either.key, iteration: either.iteration, title: plain(either.title), differences, outputs };
}

const statuses = (left: ReportStep | null, right: ReportStep | null): readonly Difference[] => [
  { what: "status", left: left?.status ?? null, right: right?.status ?? null },
  { what: "reason", left: left?.reason ?? null, right: right?.reason ?? null },
];

function savedValues(left: ReportStep | null, right: ReportStep | null, all: boolean): readonly Difference[] {
  const kept = (step: ReportStep | null): readonly SavedValue[] =>
    (step?.saved ?? []).filter((value) => all || !isPassingValue(value));
  return byName(kept(left), kept(right)).map(([name, one, other]) => ({
    what: `saved ${name}`,
    left: one?.value ?? null,
    right: other?.value ?? null,
  }));
}

function expectations(left: ReportStep | null, right: ReportStep | null): readonly Difference[] {
  return byName(left?.expectations ?? [], right?.expectations ?? []).map(([name, one, other]) => ({
    what: one?.required === true || other?.required === true ? name : `expect ${name}`,
    left: one === null ? null : stateWords[one.state],
    right: other === null ? null : stateWords[other.state],
  }));
}

const stateWords: Readonly<Record<ReportExpectation["state"], string>> = {
  met: "met",
  unmet: "not met",
  unknown: "unknown",
};

function byName<T extends { readonly name: string }>(
  left: readonly T[],
  right: readonly T[],
): readonly (readonly [name: string, left: T | null, right: T | null])[] {
  const find = (list: readonly T[], name: string): T | null => list.find((one) => one.name === name) ?? null;
  const names = new Set([...left, ...right].map(({ name }) => name));
  return [...names].map((name) => [name, find(left, name), find(right, name)]);
}

/** Blocks are paired in their order among those of their type. */
async function compareBlocks(
  left: ReportStep,
  right: ReportStep,
  [ours, theirs]: readonly [Side, Side],
): Promise<StepDifference["outputs"]> {
  const [one, other] = [numbered(left.blocks), numbered(right.blocks)];
  const outputs: StepDifference["outputs"][number][] = [];
  for (const key of new Set([...one.keys(), ...other.keys()])) {
    const [mine, yours] = [one.get(key) ?? null, other.get(key) ?? null];
    const before = mine === null ? nothing : await linesOfBlock(mine, ours);
    const after = yours === null ? nothing : await linesOfBlock(yours, theirs);
    const notes = [before.note, after.note].filter((note) => note !== null);
    // What was not compared differs where the streams do.
    const isWhole = notes.length === 0 || hashOf(mine) === hashOf(yours);
    if (isWhole && isDeepStrictEqual(before.lines, after.lines)) continue;
    outputs.push({ name: nameOf(mine ?? yours, key), notes, hunks: hunksBetween(before.lines, after.lines) });
  }
  return outputs;
}

const hashOf = (block: ReportBlock | null): string | null =>
  block?.type === "output" ? (block.evidence?.sha256 ?? null) : null;

const nothing: ShownLines = { lines: [], note: null };

/** An output is known by its stream, anything else by its type. What was run stands in the runbook. */
function numbered(blocks: readonly ReportBlock[]): ReadonlyMap<string, ReportBlock> {
  const found = new Map<string, ReportBlock>();
  const counts = new Map<string, number>();
  for (const block of blocks) {
    if (block.type === "code" && block.language === "sh") continue;
    const type = block.type === "output" ? `output ${block.title}` : block.type;
    const count = (counts.get(type) ?? 0) + 1;
    counts.set(type, count);
    found.set(`${type} ${count}`, block);
  }
  return found;
}

function nameOf(block: ReportBlock | null, key: string): string {
  const title = block !== null && "title" in block ? block.title : null;
  return title === null || title === "" ? key.replace(/ 1$/, "") : title;
}
