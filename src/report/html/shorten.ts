import type { Report, ReportBlock, ReportStep } from "../../model/report.js";
import { fromLine, upToLine } from "../fold/bound.js";

/** Characters of captured output that a page may hold in all before each output is cut shorter. */
const pageBudget = 2_500_000;

/** Characters of the beginning of an output; half as many of its end. From what a short case may show to what every output gets. */
const heads = [40_000, 12_000, 4_000, 2_400] as const;

/** The report with its outputs cut so that the page stays readable by a browser, however much was captured. */
export function shortenedFor(report: Report): Report {
  const lengths: number[] = [];
  measure(report.steps, lengths);
  const head = heads.find((limit) => total(lengths, limit) <= pageBudget) ?? heads[heads.length - 1] ?? 0;
  return { ...report, steps: report.steps.map((step) => shortenStep(step, head)) };
}

const total = (lengths: readonly number[], head: number): number =>
  lengths.reduce((sum, length) => sum + Math.min(length, head * 1.5), 0);

function measure(steps: readonly ReportStep[], lengths: number[]): void {
  for (const { blocks, rounds, during } of steps) {
    for (const block of blocks) if (block.type === "output") lengths.push(block.head.length + block.tail.length);
    measure(rounds, lengths);
    measure(during, lengths);
  }
}

const shortenStep = (step: ReportStep, head: number): ReportStep => ({
  ...step,
  blocks: step.blocks.map((block) => (block.type === "output" ? shortenOutput(block, head) : block)),
  rounds: step.rounds.map((round) => shortenStep(round, head)),
  during: step.during.map((inner) => shortenStep(inner, head)),
});

function shortenOutput(block: Extract<ReportBlock, { type: "output" }>, limit: number): ReportBlock {
  const isWhole = block.tail === "" && block.omitted_bytes === 0;
  if (block.head.length + block.tail.length <= limit * 1.5) return block;
  const head = upToLine(block.head, limit);
  const rest = isWhole ? block.head.slice(head.length) : block.tail;
  const tail = fromLine(rest, limit / 2);
  const left = (isWhole ? "" : block.head.slice(head.length)) + rest.slice(0, rest.length - tail.length);
  return { ...block, head, tail, omitted_bytes: block.omitted_bytes + Buffer.byteLength(left) };
}
