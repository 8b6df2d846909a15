import type { Ground } from "../../model/ground.js";
import type { Report, ReportChange } from "../../model/report.js";
import type { ReportStep, StepStatus } from "../../model/report-step.js";
import type { RichText } from "../../model/rich-text.js";
import { firstWords, isScript, lineCount } from "../text/commands.js";
import { plainOf } from "../text/markdown-it.js";
import { type Helper, markup } from "../text/template.js";
import { wordHelpers } from "../text/word-helpers.js";
import { changeWords, compact, indented, moment, statusMarks, statusWords, stepMarks } from "../text/words.js";
import { diffLines } from "./diff.js";
import { escapeHtml } from "./escape.js";
import { highlighted } from "./highlight.js";
import { capturedText, evidenceLink, linesOf, outputOf } from "./output.js";
import { blocksOf, inlineOf } from "./rich-text.js";
import { timelineSvg } from "./timeline.js";

/** The rounds and attempts of a step show the same command again and again. */
function highlighting(): Helper {
  const known = new Map<string, string>();
  return (code: string, language: string) => {
    const key = `${language} ${code}`;
    const html = known.get(key) ?? highlighted(code, language);
    known.set(key, html);
    return raw(html);
  };
}

const raw = (text: string) => markup(text);

/** Above this a browser lays out only the steps in sight; where scripts do not run, links then may lead a little beside. */
const mostLaidOut = 300;

const stepCount = (steps: readonly ReportStep[]): number =>
  steps.reduce((sum, { rounds, during }) => sum + 1 + stepCount(rounds) + stepCount(during), 0);

/** What a template of one page can call. Helpers that give HTML return it as markup; all others are escaped. */
export const htmlHelpers = (): Readonly<Record<string, Helper>> => ({ ...helpers, highlight: highlighting() });

const helpers: Readonly<Record<string, Helper>> = {
  ...wordHelpers,
  inline: (text: RichText | null) => (text === null ? "" : raw(inlineOf(text))),
  inlinePlain: (text: RichText) => raw(inlineOf(text, { links: false })),
  plain: plainOf,
  prose: (text: RichText | null) => (text === null ? "" : raw(blocksOf(text))),
  json: (value: unknown) => compact(value, 4000),
  jsonShort: (value: unknown) => compact(value, 240),
  jsonLines: (value: unknown) => indented(value, 20_000),
  isLarge: (value: unknown) => compact(value, 241).length > 240,
  output: (block: Parameters<typeof outputOf>[0], step: string) =>
    raw(outputOf(block, { label: `${block.title} of ${step}` })),
  lines: (block: Parameters<typeof linesOf>[0], step: string) => raw(linesOf(block, { label: `lines of ${step}` })),
  captured: (text: string) => raw(capturedText(text)),
  diff: (text: string) => raw(diffLines(text)),
  timelineSvg: (report: Report) => raw(timelineSvg(report)),
  heading: (step: ReportStep) => raw(headingOf(step)),
  evidenceName: (path: string) => raw(evidenceLink(path)),
  evidenceShort: (path: string) => raw(evidenceLink(path, path.replace(/^evidence\//, ""))),
  isScript,
  lineCount,
  firstWords,
  is: (value: unknown, other: unknown) => value === other,
  few: (list: readonly unknown[]) => list.length <= 40,
  areMany: (steps: readonly ReportStep[]) => stepCount(steps) > mostLaidOut,
  ordinal: (index: number) => index + 1,
  clock: (at: string) => moment(at).slice(11),
  statusMark: (status: Report["status"]) => `${statusMarks[status]} ${statusWords[status]}`,
  markOnly: (status: StepStatus) => stepMarks[status].mark,
  changeMark: (state: ReportChange["state"]) =>
    `${state === "undone" || state === "was-undone" ? "✓" : "✗"} ${changeWords[state]}`,
  expectationName: ({ step, expectation }: Ground) =>
    raw(expectation === null ? escapeHtml(step) : `${escapeHtml(step)}.<wbr>${escapeHtml(expectation)}`),
};

/** Deeper steps have deeper headings, as far as HTML has them. */
function headingOf({ anchor, number, title, depth }: ReportStep): string {
  const tag = `h${Math.min(6, depth + 3)}`;
  const self = `<a class="self" href="#${anchor}" aria-label="Link to step ${number}">#</a>`;
  return `<${tag} id="h-${anchor}"><span class="number">${number}</span><span class="author">${inlineOf(title)}</span>${self}</${tag}>`;
}
