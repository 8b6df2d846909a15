import type { EvidenceRef } from "../../model/evidence.js";
import type { Ground } from "../../model/ground.js";
import type { Report, ReportChange, ReportHypothesis } from "../../model/report.js";
import type { ReportExpectation, StepStatus } from "../../model/report-step.js";
import type { RichText } from "../../model/rich-text.js";
import { count, duration } from "../../util/measure.js";
import { endedWords, repeatedCommands, wasCut } from "../text/commands.js";
import { type Helper, markup } from "../text/template.js";
import {
  bareNote,
  changeWords,
  compact,
  evidenceHref,
  expectationMarks,
  headline,
  hostSentence,
  isThere,
  moment,
  notExaminedWords,
  offset,
  otherEvidence,
  rerunOf,
  retried,
  said,
  standingMarks,
  statusWords,
  stepMarks,
  stoodStill,
  takenWords,
  unanswered,
} from "../text/words.js";
import { blockOf, commandOf, factsOf } from "./blocks.js";
import { codeCell, codeSpan, escapeText, fenced } from "./escape.js";
import { blocksOf, inlineOf } from "./rich-text.js";

const marked = ({ mark, word }: { readonly mark: string; readonly word: string }): string => `${mark} ${word}`;
const raw = (text: string) => markup(text);

/** What a template can call. Those that give Markdown return it as markup; all others are escaped as text. */
export const markdownHelpers: Readonly<Record<string, Helper>> = {
  inline: (text: RichText) => raw(inlineOf(text)),
  cellInline: (text: RichText) => raw(inlineOf(text, { cell: true })),
  prose: (text: RichText) => raw(quoted(blocksOf(text))),
  code: (value: unknown) => raw(codeSpan(String(value ?? ""))),
  codeCut: (value: string) => raw(codeSpan(excerpt(value.trim().replace(/\s+/g, " ")))),
  cell: (value: unknown) => raw(codeCell(String(value ?? ""))),
  json: (value: unknown) => raw(codeSpan(compact(value, 2000))),
  cellJson: (value: unknown) => raw(codeCell(compact(value, 300))),
  fence: (text: string, info: string) => raw(fenced(text, info)),
  command: (text: string) => raw(commandOf(text)),
  repeatedCommands,
  endedWords,
  wasCut,
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
  headline,
  hostSentence,
  rerunOf,
  stoodStill,
  takenWords,
  unanswered,
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
