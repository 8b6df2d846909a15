import type { Report, StepLink } from "../model/report.js";
import type { ReportStep, StepStatus } from "../model/report-step.js";
import { plain, type RichText } from "../model/rich-text.js";
import { quoteWord } from "../util/shell-quote.js";
import { visibleLine } from "../util/visible.js";
import { answerText } from "./answer-text.js";

/** Where a case lies, as one would type it. */
export interface CasePaths {
  readonly folder: string;
  /** The report that a person would open; null when none was written. */
  readonly report: string | null;
}

/**
 * The last lines of a run: what was found, what to do about it, and where the report is. When something could not be put back, the
 * very last line is the command that does it. Ends with a newline.
 */
export function summary(report: Report, paths: CasePaths): string {
  const lines = [...verdictLines(report), ...failureLines(report)];
  if (paths.report !== null) lines.push(`report: ${paths.report}`);
  const left = report.host_state.changes.filter(({ state }) => state === "pending" || state === "cannot");
  for (const { what, how } of left) lines.push(`NOT put back: ${what}${how === null ? "" : ` (${how})`}`);
  if (left.length > 0) lines.push(`casebook restore ${quoteWord(paths.folder)}`);
  return lines.map((line) => `${visibleLine(line)}\n`).join("");
}

function verdictLines({ verdict, status, steps }: Report): readonly string[] {
  if (verdict === null) return status === "finished" ? [`finished: ${countsOf(steps)}`] : [];
  return [
    answerText(verdict.answer, oneLine(verdict.says)),
    ...(verdict.advice === null ? [] : [`advice: ${oneLine(verdict.advice)}`]),
  ];
}

/** `3 steps ok, 1 skipped`; the rounds of a step are not counted. */
function countsOf(steps: readonly ReportStep[]): string {
  const counts = new Map<StepStatus, number>();
  const count = (list: readonly ReportStep[]): void => {
    for (const { status, during } of list) {
      counts.set(status, (counts.get(status) ?? 0) + 1);
      count(during);
    }
  };
  count(steps);
  const ok = counts.get("ok") ?? 0;
  const skipped = counts.get("skipped");
  const tolerated = counts.get("tolerated");
  return [
    `${ok} ${ok === 1 ? "step" : "steps"} ok`,
    ...(skipped === undefined ? [] : [`${skipped} skipped`]),
    ...(tolerated === undefined ? [] : [`${tolerated} failed and tolerated`]),
  ].join(", ");
}

function failureLines(report: Report): readonly string[] {
  const { status, ended_by: ended } = report;
  const at = ended === null ? "" : ` at step ${ended.step}${titleOf(ended)}`;
  const reason = ended?.reason ?? report.reason;
  const why = reason === null ? [] : [`why: ${reason}`];
  const remedy = ended?.remedy == null ? [] : [`to do: ${ended.remedy}`];
  switch (status) {
    case "answered":
    case "finished":
    case "undecided":
      return [];
    case "failed":
      return [`failed${at}`, ...why, ...remedy];
    case "interrupted":
      return [`interrupted${at}; everything was put back`];
    case "timed-out":
      return [`timed out${at}; everything was put back`, "to do: raise --timeout, or the timeout of the step"];
    case "not-restored":
      return ended === null ? [] : [`failed${at}`, ...why, ...remedy];
    case "crashed":
      return [`casebook itself failed${at}: this is a bug`, ...why];
    case "incomplete":
      return [`incomplete: the journal ends${at} without an end of the run`];
    default:
      return status satisfies never;
  }
}

function titleOf({ step, title }: StepLink): string {
  const text = oneLine(title);
  return text === "" || text === step ? "" : ` (${text})`;
}

const oneLine = (text: RichText): string => plain(text).trim().replace(/\s+/g, " ");
