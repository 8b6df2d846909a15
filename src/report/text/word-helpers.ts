import type { Report, ReportChange, ReportHypothesis } from "../../model/report.js";
import type { ReportExpectation, StepStatus } from "../../model/report-step.js";
import { count, duration } from "../../util/measure.js";
import { endedWords, repeatedCommands, wasCut } from "./commands.js";
import type { Helper } from "./template.js";
import {
  bareNote,
  changeWords,
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
} from "./words.js";

const marked = ({ mark, word }: { readonly mark: string; readonly word: string }): string => `${mark} ${word}`;

/** What templates of every format can call: questions about the report and plain words, which each format escapes in its way. */
export const wordHelpers: Readonly<Record<string, Helper>> = {
  or: (one: unknown, other: unknown) => isThere(one) || isThere(other),
  known: (value: unknown) => value !== null && value !== undefined,
  entries: (object: Readonly<Record<string, unknown>>) =>
    Object.entries(object).map(([name, value]) => ({ name, value })),
  // What a journal does not tell is null, and shown as nothing.
  moment: (at: string | null) => (at === null ? "" : moment(at)),
  duration: (milliseconds: number | null) => (milliseconds === null ? "" : duration(milliseconds)),
  count: (amount: number, noun: string) => count(amount, noun),
  statusWord: (status: Report["status"]) => statusWords[status],
  stepMark: (status: StepStatus) => marked(stepMarks[status]),
  reasonWord: (status: StepStatus) => (status === "skipped" ? "Skipped" : "Why it failed"),
  expectationMark: (state: ReportExpectation["state"]) => marked(expectationMarks[state]),
  standingMark: (standing: ReportHypothesis["standing"]) => marked(standingMarks[standing]),
  changeWord: (state: ReportChange["state"]) => changeWords[state],
  notExaminedWord: (why: keyof typeof notExaminedWords) => notExaminedWords[why],
  holdsWord: (holds: boolean | null) => (holds === null ? "unknown" : holds ? "holds" : "does not hold"),
  bareNote,
  otherEvidence,
  retried,
  said,
  offset,
  headline,
  hostSentence,
  rerunOf,
  stoodStill,
  takenWords,
  unanswered,
  repeatedCommands,
  endedWords,
  wasCut,
};
