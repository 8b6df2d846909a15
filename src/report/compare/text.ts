import type { Report } from "../../model/report.js";
import { count } from "../../util/measure.js";
import type { Comparison } from "./compare.js";
import type { Difference, StepDifference } from "./compare-steps.js";

/** Of one output at most this many lines are shown. */
const shownLines = 60;

/** A comparison for people. Texts are raw: the caller makes control characters visible. */
export function comparisonText(
  { runbook, differences, steps, compared }: Comparison,
  [left, right]: readonly [Report, Report],
  all: boolean,
): string {
  const differ = steps.length;
  const parts = [
    [caseLine("-", left), caseLine("+", right)],
    differences.map(differenceLine),
    runbook.length === 0 ? [] : ["runbook", ...indented(shownHunks(runbook))],
    ...steps.map(stepLines),
    [
      differences.length + runbook.length + differ === 0
        ? `The cases are the same: ${count(compared, "step")}.`
        : `${differ === 0 ? "No step" : count(differ, "step")} ${differ < 2 ? "differs" : "differ"}, ${sameWords(compared - differ)} the same.`,
      ...(all
        ? []
        : [
            "Not compared, since no two runs share it: times, numbers of processes, addresses in memory. --all compares it too.",
          ]),
    ],
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

const sameWords = (same: number): string => (same === 0 ? "none is" : same === 1 ? "1 is" : `${same} are`);

const caseLine = (sign: string, { case: name, started_at, environment }: Report): string => {
  const hosts = environment.hosts.map((host) => `${host.name} (${host.facts.hostname})`).join(", ");
  return `${sign} ${name}: ${hosts === "" ? "no host" : hosts}, ${started_at ?? "without a beginning"}`;
};

const differenceLine = ({ what, left, right }: Difference): string => `${what}: ${shown(left)} → ${shown(right)}`;

function stepLines({ step, iteration, title, differences, outputs }: StepDifference): readonly string[] {
  const round = iteration === null ? "" : ` (round ${iteration})`;
  return [
    `${step}${round}${title === "" || title === step ? "" : ` – ${title}`}`,
    ...indented([
      ...differences.map(differenceLine),
      ...outputs.flatMap(({ name, notes, hunks }) => [[name, ...notes].join("; "), ...indented(shownHunks(hunks))]),
    ]),
  ];
}

function shownHunks(hunks: Comparison["runbook"]): readonly string[] {
  const lines = hunks.flatMap(({ head, lines }) => [head, ...lines]);
  const left = lines.length - shownLines;
  return left <= 1 ? lines : [...lines.slice(0, shownLines), `… ${count(left, "more line")}`];
}

const indented = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`);

function shown(value: Difference["left"]): string {
  if (value === null) return "none";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length <= 300 ? text : `${text.slice(0, 300)}…`;
}
