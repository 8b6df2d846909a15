import type { HostState, NotExamined, Report, ReportHypothesis, StoppedProcess } from "../../model/report.js";
import type { ReportExpectation, ReportStep, StepStatus } from "../../model/report-step.js";
import type { TakenFrom } from "../../model/taken.js";
import { count, duration } from "../../util/measure.js";
import { quoteWord } from "../../util/shell-quote.js";

/** How the run ended, in a word or two. */
export const statusWords: Readonly<Record<Report["status"], string>> = {
  answered: "answered",
  finished: "finished",
  undecided: "undecided",
  failed: "failed",
  interrupted: "interrupted",
  "timed-out": "timed out",
  "not-restored": "not restored",
  crashed: "crashed",
  incomplete: "incomplete",
};

/** A shape beside the word. */
export const statusMarks: Readonly<Record<Report["status"], string>> = {
  answered: "✓",
  finished: "✓",
  undecided: "?",
  failed: "✗",
  interrupted: "■",
  "timed-out": "■",
  "not-restored": "▲",
  crashed: "✗",
  incomplete: "◌",
};

/** A shape and a word for each status: neither needs colour. */
export const stepMarks: Readonly<Record<StepStatus, { readonly mark: string; readonly word: string }>> = {
  ok: { mark: "✓", word: "ok" },
  failed: { mark: "✗", word: "failed" },
  tolerated: { mark: "△", word: "failed, tolerated" },
  skipped: { mark: "⊘", word: "skipped" },
  "cut-off": { mark: "◌", word: "cut off" },
  "not-reached": { mark: "○", word: "not reached" },
};

export const expectationMarks: Readonly<
  Record<ReportExpectation["state"], { readonly mark: string; readonly word: string }>
> = {
  met: { mark: "✓", word: "met" },
  unmet: { mark: "✗", word: "not met" },
  unknown: { mark: "?", word: "unknown" },
};

export const standingMarks: Readonly<
  Record<ReportHypothesis["standing"], { readonly mark: string; readonly word: string }>
> = {
  supported: { mark: "●", word: "supported" },
  refuted: { mark: "✗", word: "refuted" },
  contested: { mark: "◐", word: "contested" },
  open: { mark: "○", word: "open" },
};

export const changeWords: Readonly<Record<HostState["changes"][number]["state"], string>> = {
  undone: "put back",
  "was-undone": "found put back already",
  cannot: "could NOT be put back",
  pending: "NOT put back, as far as is known",
};

export const notExaminedWords: Readonly<Record<NotExamined["why"], string>> = {
  skipped: "skipped",
  "not-reached": "not reached",
  "no-rounds": "no rounds",
  "cut-off": "cut off",
  failed: "failed",
  truncated: "captured only in part",
  unknown: "could not be decided",
  "host-lost": "connection lost",
  "no-host": "host not reached",
};

/** What stands in for a verdict when there is none, or comes before its text. */
export function headline(report: Report): string {
  const { status, ended_by: ended, interrupted_by: by } = report;
  const step = ended === null ? "" : ` at step ${ended.step}`;
  switch (status) {
    case "answered":
      return "";
    case "undecided":
      return report.verdict?.says.markdown === "" ? "No rule of the verdict holds." : "";
    case "finished":
      return report.question === null
        ? "The runbook asks no question; every step has finished."
        : "No verdict: none was to be reached; every step that was to run has finished.";
    case "failed":
      return report.reason === null
        ? `No verdict: the run failed${step}.`
        : `No verdict: the run failed, because ${report.reason}.`;
    case "interrupted":
      return `No verdict: the run was interrupted${by === null ? "" : ` by SIG${by}`}${step}.`;
    case "timed-out":
      return `No verdict: the run ran out of time${step}.`;
    case "not-restored":
      return "Something on the host could not be put back; that comes before any verdict.";
    case "crashed":
      return `No verdict: casebook itself failed${step}. This is a bug.`;
    case "incomplete":
      return `No verdict: the journal ends without an end of the run${ended === null ? "" : `; step ${ended.step} was running`}.`;
    default:
      return status satisfies never;
  }
}

/** The question is undecided, and there are rules to tell of that do not hold. */
export const unanswered = ({ status, verdict }: Report): boolean =>
  status === "undecided" && verdict !== null && verdict.passed_over.length > 0;

/** How a run uses the case that gave it observations: the beginning of a sentence. */
export const takenWords = ({ mode }: TakenFrom): string =>
  mode === "replay" ? "replayed, asking no host, from" : "in part taken, as each step says, from";

/** The state of the host in a sentence. */
export function hostSentence(host: HostState): string {
  const left = host.changes.filter(({ state }) => state === "pending" || state === "cannot").length;
  const tried = host.changes.some(({ state }) => state === "cannot");
  const all = host.changes.length;
  switch (host.state) {
    case "untouched":
      return host.acted.length === 0
        ? "Nothing was changed that would have to be put back."
        : "casebook itself changed nothing that would have to be put back.";
    case "restored":
      return all === 1
        ? "One change was made, and it was put back."
        : `${all} changes were made, and all were put back.`;
    case "changed":
      return all === 1
        ? `One change was made; ${tried ? "it could NOT be put back" : "nothing confirms that it was put back"}.`
        : `${left} of ${all} changes were not put back as far as the journal tells.`;
    default:
      return host.state satisfies never;
  }
}

/** Runs the case's own copy of its runbook. */
export const rerunOf = (report: Report): string => `casebook rerun ${quoteWord(report.case)}`;

/** How long a process stood still, after its number. */
export function stoodStill({ times, milliseconds, longest, unended }: StoppedProcess): string {
  const most = longest === null || times === 1 ? "" : `, at most ${duration(longest)} at a time`;
  const end = unended ? "; nothing says that it ran on" : "";
  return `stood still ${count(times, "time")}, ${duration(milliseconds)} in all${most}${end}`;
}

/** `2026-11-23 23:15:02.123 UTC` without the zone. */
export const moment = (at: string): string => at.replace("T", " ").replace(/\.\d+Z$|Z$/, "");

/** `+1.234 s`: milliseconds from the start, to the millisecond. */
export function offset(milliseconds: number): string {
  const sign = milliseconds < 0 ? "−" : "+";
  const size = Math.abs(milliseconds);
  return size < 60_000 ? `${sign}${(size / 1000).toFixed(3)} s` : `${sign}${duration(size)}`;
}

/** A note under no title but its own first line needs no heading: its text is all there is. */
export const bareNote = ({ kind, note, status, title }: ReportStep): boolean =>
  kind === "note" && status === "ok" && (note?.markdown.replace(/^[\s#]+/, "").startsWith(title.markdown) ?? false);

/** Captured files that no block of the step links. */
export function otherEvidence(step: ReportStep): ReportStep["evidence"] {
  const linked = new Set(step.blocks.flatMap((block) => (block.type === "output" ? (block.evidence?.path ?? []) : [])));
  return step.evidence.filter(({ path }) => !linked.has(path));
}

/** An empty list is nothing. */
export const isThere = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : value !== null && value !== undefined;

/** What an expectation says is true only where it is met. */
export const said = ({ says, state }: ReportExpectation): boolean => says !== null && state === "met";

/** One attempt that went well says no more than its step. */
export const retried = (attempts: ReportStep["attempts"]): boolean =>
  attempts.length > 1 || attempts.some(({ outcome }) => outcome === "failed");

/** A value as JSON on one line, with blanks where it may be broken, at most `limit` characters of it. */
export function compact(value: unknown, limit: number): string {
  // Inside of texts line breaks are escaped: those that there are stand between values.
  const text = (JSON.stringify(value, null, 1) ?? "null")
    .replace(/([[{])\n\s*/g, "$1")
    .replace(/\n\s*([\]}])/g, "$1")
    .replace(/\n\s*/g, " ");
  return cutTo(text, limit);
}

/** A value as JSON on lines of its own, at most `limit` characters of it. */
export const indented = (value: unknown, limit: number): string =>
  cutTo(JSON.stringify(value, null, 2) ?? "null", limit);

const cutTo = (text: string, limit: number): string =>
  text.length <= limit ? text : `${text.slice(0, limit)}… (${text.length - limit} more characters)`;

/** The relative address of a file in the case folder, or null when the path is not one of `evidence/`. */
export function evidenceHref(path: string): string | null {
  if (/^evidence\/\w[\w.-]*$/.test(path)) return path; // as nearly all are
  if (!/^evidence\/[^/]+$/.test(path) || path.endsWith("/..") || path.endsWith("/.")) return null;
  return path
    .replace(/\p{Cs}/gu, "\ufffd")
    .split("/")
    .map(encodeURIComponent)
    .join("/");
}
