import type { EvidenceRef } from "../../model/evidence.js";
import type { Ground, Report, ReportChange, ReportHypothesis } from "../../model/report.js";
import type { ReportExpectation, StepStatus } from "../../model/report-step.js";
import type { RichText } from "../../model/rich-text.js";
import { count, duration } from "../../util/measure.js";
import { compileTemplate, type Helper, markup } from "../text/template.js";
import {
  bareNote,
  changeWords,
  compact,
  evidenceHref,
  exitWords,
  expectationMarks,
  headline,
  hostSentence,
  isThere,
  moment,
  notExaminedWords,
  offset,
  otherEvidence,
  retried,
  said,
  standingMarks,
  statusWords,
  stepMarks,
  takenWords,
} from "../text/words.js";
import { blockOf, factsOf } from "./blocks.js";
import { collapseBlankLines, cutAt } from "./cut.js";
import { codeCell, codeSpan, escapeText, fenced } from "./escape.js";
import { markdownPartials } from "./partials.js";
import { blocksOf, inlineOf } from "./rich-text.js";
import { details, shorten } from "./shorten.js";
import { markdownTemplate } from "./template.js";

/** A code host's limit for a comment, with room for what somebody writes around it. */
export const markdownLimit = 60_000;

/**
 * The report as Markdown of at most 60,000 characters (GitHub's flavour; CommonMark readers lose only the tables). Long
 * outputs are shortened first, with a line that says so.
 *
 * @param options.template a Handlebars template over `Report` in place of ours, with the same helpers and partials
 */
export function renderMarkdown(report: Report, options: { readonly template?: string } = {}): string {
  const template = compileTemplate(options.template ?? markdownTemplate, markdownPartials, escapeText, helpers);
  for (const [level, detail] of details.entries()) {
    const isLast = level === details.length - 1;
    const { report: shortened, dropped } = shorten(report, detail);
    if (!isLast && weight(shortened) > markdownLimit) continue;
    const page = template({ ...shortened, dropped, shortened: level === 0 ? null : shortenedSentence });
    const tidy = `${collapseBlankLines(page).trim()}\n`;
    if (tidy.length <= markdownLimit) return tidy;
    if (isLast) return cutAt(tidy, markdownLimit);
  }
  throw new Error("no detail is the last one");
}

const shortenedSentence =
  "Long outputs are shortened here to keep this page below 60,000 characters; the HTML report and the evidence hold more.";

/** A lower bound of a page's length, cheap enough to spare a rendering that cannot fit. */
function weight(report: Report): number {
  let sum = report.timeline.length * 60;
  const pending = [...report.steps];
  for (let step = pending.pop(); step !== undefined && sum <= markdownLimit; step = pending.pop()) {
    sum += 80;
    for (const command of step.commands) sum += command.text.length;
    for (const block of step.blocks) {
      if (block.type === "output") sum += block.head.length + block.tail.length;
      else if ("text" in block) sum += block.text.length;
    }
    pending.push(...step.rounds, ...step.during);
  }
  return sum;
}

const marked = ({ mark, word }: { readonly mark: string; readonly word: string }): string => `${mark} ${word}`;
const raw = (text: string) => markup(text);

/** What a template can call. Those that give Markdown return it as markup; all others are escaped as text. */
const helpers: Readonly<Record<string, Helper>> = {
  inline: (text: RichText) => raw(inlineOf(text)),
  cellInline: (text: RichText) => raw(inlineOf(text, { cell: true })),
  prose: (text: RichText) => raw(quoted(blocksOf(text))),
  code: (value: unknown) => raw(codeSpan(String(value ?? ""))),
  codeCut: (value: string) => raw(codeSpan(excerpt(value.trim().replace(/\s+/g, " ")))),
  cell: (value: unknown) => raw(codeCell(String(value ?? ""))),
  json: (value: unknown) => raw(codeSpan(compact(value, 2000))),
  cellJson: (value: unknown) => raw(codeCell(compact(value, 300))),
  fence: (text: string, info: string) => raw(fenced(text, info)),
  link: (anchor: string, text: string) => raw(`[${escapeText(text)}](#${anchor})`),
  richLink: (anchor: string, text: RichText) => raw(`[${inlineOf(text, { links: false })}](#${anchor})`),
  block: (block: Parameters<typeof blockOf>[0]) => raw(blockOf(block)),
  facts: (facts: Parameters<typeof factsOf>[0]) => raw(factsOf(facts)),
  heading: (depth: number) => raw("#".repeat(Math.min(6, depth + 3))),
  evidenceName: ({ path }: EvidenceRef) => {
    const href = evidenceHref(path);
    return raw(href === null ? codeCell(path) : `[${codeCell(path)}](${href})`);
  },
  entries: (object: Readonly<Record<string, unknown>>) =>
    Object.entries(object).map(([name, value]) => ({ name, value })),
  bareNote,
  otherEvidence,
  retried,
  said,
  or: (one: unknown, other: unknown) => isThere(one) || isThere(other),
  known: (value: unknown) => value !== null && value !== undefined,
  moment,
  duration,
  offset,
  count: (amount: number, noun: string) => count(amount, noun),
  exitWords,
  headline,
  hostSentence,
  takenWords,
  statusWord: (status: Report["status"]) => statusWords[status],
  stepMark: (status: StepStatus) => marked(stepMarks[status]),
  reasonWord: (status: StepStatus) => (status === "skipped" ? "Skipped" : "Why it failed"),
  expectationMark: (state: ReportExpectation["state"]) => marked(expectationMarks[state]),
  standingMark: (standing: ReportHypothesis["standing"]) => marked(standingMarks[standing]),
  changeWord: (state: ReportChange["state"]) => changeWords[state],
  notExaminedWord: (why: keyof typeof notExaminedWords) => notExaminedWords[why],
  expectationName: ({ step, expectation }: Ground) => (expectation === null ? step : `${step}.${expectation}`),
  holdsWord: (holds: boolean | null) => (holds === null ? "unknown" : holds ? "holds" : "does not hold"),
};

const excerpt = (text: string): string => (text.length <= 200 ? text : `${text.slice(0, 200)}…`);

const quoted = (text: string): string =>
  text
    .split("\n")
    .map((line) => (line === "" ? ">" : `> ${line}`))
    .join("\n");
