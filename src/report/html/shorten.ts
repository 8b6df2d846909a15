import type { Report } from "../../model/report.js";
import type { ReportBlock, ReportStep } from "../../model/report-step.js";
import { fromLine, upToLine } from "../fold/bound.js";

/** Bytes that captured output may take on a page in all before each output is cut shorter. */
const pageBudget = 3_500_000;

/** What a line costs besides its characters: its element, its number and its anchor. */
const lineBytes = 70;

/** Characters of the beginning of an output; half as many of its end. From what a short case may show to what every output gets. */
const heads = [40_000, 12_000, 4_000, 2_400, 800, 250] as const;

/** The report with its outputs cut so that the page stays readable by a browser, however much was captured. */
export function shortenedFor(report: Report): Report {
  const outputs: Measured[] = [];
  measure(report.steps, outputs);
  const head = heads.find((limit) => total(outputs, limit) <= pageBudget) ?? heads[heads.length - 1] ?? 0;
  return { ...report, steps: report.steps.map((step) => shortenStep(step, head)) };
}

interface Measured {
  readonly length: number;
  /** Bytes for a character, with its share of what its line costs. */
  readonly price: number;
}

const total = (outputs: readonly Measured[], head: number): number =>
  outputs.reduce((sum, { length, price }) => sum + Math.min(length, head * 1.5) * price, 0);

function measure(steps: readonly ReportStep[], outputs: Measured[]): void {
  for (const { blocks, rounds, during } of steps) {
    for (const block of blocks) {
      if (block.type !== "output") continue;
      const length = block.head.length + block.tail.length;
      const lines = block.head.split("\n").length + block.tail.split("\n").length;
      outputs.push({ length, price: length === 0 ? 0 : 1 + (lines * lineBytes) / length });
    }
    measure(rounds, outputs);
    measure(during, outputs);
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
