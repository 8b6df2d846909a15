import type { Report } from "../../model/report.js";
import type { ReportBlock, ReportStep } from "../../model/report-step.js";

/** How much of a report goes onto a page of limited length. */
export interface Detail {
  /** Lines at the beginning of an output, code or diff; half as many at its end. */
  readonly lines: number;
  readonly rows: number;
  readonly timeline: number;
  /**
   * What is shown of steps on which nothing rests and that did not fail: `full`, without their blocks (`bare`), as a
   * line (`listed`).
   */
  readonly quiet: "full" | "bare" | "listed";
  /** How many such steps are shown at all. */
  readonly quietSteps: number;
}

/** From all to little: long outputs are shortened first, then what bears least. */
export const details: readonly Detail[] = [
  { lines: 80, rows: 60, timeline: 1000, quiet: "full", quietSteps: 10_000 },
  { lines: 24, rows: 24, timeline: 300, quiet: "full", quietSteps: 10_000 },
  { lines: 8, rows: 10, timeline: 150, quiet: "full", quietSteps: 10_000 },
  { lines: 3, rows: 4, timeline: 100, quiet: "full", quietSteps: 10_000 },
  { lines: 3, rows: 4, timeline: 60, quiet: "bare", quietSteps: 10_000 },
  { lines: 2, rows: 3, timeline: 40, quiet: "listed", quietSteps: 10_000 },
  { lines: 2, rows: 2, timeline: 20, quiet: "listed", quietSteps: 120 },
];

/** A line longer than this is cut. */
const longestLine = 2000;

/** A report cut down to a detail, and how many of its steps are not there any more. */
export function shorten(report: Report, detail: Detail): { readonly report: Report; readonly dropped: number } {
  const kept: Kept = { quiet: 0, dropped: 0 };
  const steps = shortenSteps(report.steps, detail, kept);
  const timeline = report.timeline.slice(0, detail.timeline);
  const automatic = report.not_examined.automatic.slice(0, detail.timeline);
  const not_examined = { ...report.not_examined, automatic };
  return { report: { ...report, steps, timeline, not_examined }, dropped: kept.dropped };
}

interface Kept {
  quiet: number;
  dropped: number;
}

function shortenSteps(steps: readonly ReportStep[], detail: Detail, kept: Kept): readonly ReportStep[] {
  return steps.flatMap((step) => {
    const rounds = shortenSteps(step.rounds, detail, kept);
    const during = shortenSteps(step.during, detail, kept);
    const loud = step.bears || (step.status !== "ok" && step.status !== "not-reached" && step.status !== "skipped");
    if (!loud && rounds.length + during.length === 0 && kept.quiet++ >= detail.quietSteps) {
      kept.dropped++;
      return [];
    }
    return [{ ...(loud || detail.quiet === "full" ? detailed(step, detail) : quiet(step, detail)), rounds, during }];
  });
}

const detailed = (step: ReportStep, detail: Detail): ReportStep => ({
  ...step,
  commands: step.commands.slice(0, detail.rows).map((command) => ({ ...command, text: cutLines(command.text, 40) })),
  attempts: step.attempts.slice(-detail.rows),
  blocks: step.blocks.map((block) => shortenBlock(block, detail)),
});

function quiet(step: ReportStep, detail: Detail): ReportStep {
  const bare = { ...step, blocks: [], attempts: [] };
  if (detail.quiet === "bare") return { ...bare, commands: step.commands.slice(0, 2) };
  return { ...bare, commands: [], note: null, expectations: [], saved: [], evidence: [], opened: [] };
}

function shortenBlock(block: ReportBlock, detail: Detail): ReportBlock {
  switch (block.type) {
    case "text":
    case "code":
    case "diff":
      return { ...block, text: cutLines(block.text, detail.lines * 2) };
    case "output":
      return shortenOutput(block, detail.lines);
    case "table": {
      const rows = block.rows.slice(0, detail.rows).map((row) => row.map((cell) => cutLine(cell, 300)));
      return { ...block, rows, omitted_rows: block.omitted_rows + block.rows.length - rows.length };
    }
    case "facts": {
      const facts = block.facts.slice(0, detail.rows * 2);
      return { ...block, facts: facts.map(({ label, value }) => ({ label, value: cutLines(value, detail.lines) })) };
    }
    case "session": {
      const turns = block.turns.slice(0, detail.rows);
      const shown = turns.map(({ input, output }) => ({
        input: cutLine(input, 500),
        output: cutLines(output, detail.lines),
      }));
      const left = block.turns.length - turns.length;
      return { ...block, turns: left === 0 ? shown : [...shown, { input: "", output: `… ${left} more turns` }] };
    }
    case "stack": {
      const frames = block.frames.slice(0, detail.rows);
      return { ...block, frames, omitted_frames: block.omitted_frames + block.frames.length - frames.length };
    }
    default:
      return block satisfies never;
  }
}

function shortenOutput(block: Extract<ReportBlock, { type: "output" }>, lines: number): ReportBlock {
  const whole = block.tail === "" && block.omitted_bytes === 0;
  const head = firstLines(block.head, lines);
  const rest = whole ? block.head.slice(head.length) : block.tail;
  const tail = lastLines(rest, Math.ceil(lines / 2));
  const left = whole
    ? rest.slice(0, rest.length - tail.length)
    : block.head.slice(head.length) + rest.slice(0, rest.length - tail.length);
  return { ...block, head, tail, omitted_bytes: block.omitted_bytes + Buffer.byteLength(left) };
}

function firstLines(text: string, lines: number): string {
  let end = 0;
  for (let seen = 0; seen < lines && end < text.length; seen++) {
    const next = text.indexOf("\n", end);
    end = next === -1 ? text.length : next + 1;
  }
  return text.slice(0, Math.min(end, lines * 200 + longestLine));
}

function lastLines(text: string, lines: number): string {
  let start = text.length;
  for (let seen = 0; seen < lines && start > 0; seen++) start = text.lastIndexOf("\n", start - 2) + 1;
  return text.slice(Math.max(start, text.length - lines * 200 - longestLine));
}

function cutLines(text: string, lines: number): string {
  const head = firstLines(text, lines);
  if (head.length === text.length) return text;
  return `${head.replace(/\n$/, "")}\n… ${text.length - head.length} more characters`;
}

const cutLine = (text: string, limit: number): string =>
  text.length <= limit ? text : `${text.slice(0, limit)}… (${text.length - limit} more characters)`;
