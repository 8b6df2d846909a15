import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { RunOutcome } from "../../engine/run.js";
import { journalFile } from "../../journal/case-folder.js";
import type { Answers } from "../../model/question.js";
import type { Risk } from "../../model/risk.js";
import type { Runbook } from "../../model/runbook.js";
import type { Value } from "../../model/value.js";
import { summary } from "../../progress/summary.js";
import { redactReport } from "../../report/redact/report.js";
import { visible } from "../../util/visible.js";
import { version } from "../../version.js";
import { reportsFolder } from "../case-argument.js";
import { exitCode } from "../exit-code.js";
import { askQuestion } from "../inputs/ask.js";
import type { Io } from "../io.js";
import type { WantedReports } from "../report-options.js";
import { UsageError } from "../usage-error.js";
import type { Watchers } from "../watching/watchers.js";
import { type Interruptions, restoreCommand, takeInterruptions } from "./interruptions.js";
import type { Needs } from "./needs.js";
import { foldCase, reportPath, writeReport } from "./reports.js";
import { runCase } from "./run-case.js";
import type { Taking } from "./taking.js";

/** A runbook that is to run, on whichever host. */
export interface Job {
  readonly runbook: Runbook;
  readonly inputs: ReadonlyMap<string, Value>;
  readonly needs: Needs;
  /** What is taken of an earlier case; null: nothing. */
  readonly taking: Taking | null;
  readonly allow: Risk;
  readonly timeout: number | null;
  /** The case folder as on the command line; null: a fresh one in `reports/`. */
  readonly out: string | null;
  readonly reports: WantedReports;
  /** Given beforehand, by step. */
  readonly answers: ReadonlyMap<string, readonly string[]>;
  /** What an inventory calls the host. Absent or null: it is in none. */
  readonly label?: string | null;
  /** Steps look nothing up in the network from here. */
  readonly offline: boolean;
  /** Steps may ask on the terminal. */
  readonly mayAsk: boolean;
  /** Options that the command line would have needed where nobody can be asked. Absent: none. */
  readonly unwritten?: readonly string[];
}

/** How a run on one host ended. */
export interface Ended {
  readonly exitCode: number;
  /** A person or the system ended it: no other host is to follow. */
  readonly interrupted: boolean;
  /** The last lines for standard output; empty when nothing ran. */
  readonly summary: string;
  /** The case, as one would type it; null when nothing ran. */
  readonly folder: string | null;
}

/** Runs a runbook on one host and writes the case with its reports. */
export async function runOnHost(job: Job, host: string, watchers: Watchers): Promise<Ended> {
  const { io } = watchers;
  using interruptions = takeInterruptions(io);
  try {
    return await runReported(job, host, watchers, interruptions);
  } catch (error) {
    // Whatever else went wrong, what is left changed must be told.
    const folder = interruptions.left();
    if (folder === null) throw error;
    io.reportBug(error, folder);
    const interrupted = interruptions.exitCode() !== null;
    return { exitCode: exitCode.notRestored, interrupted, summary: restoreCommand(folder), folder };
  }
}

async function runReported(job: Job, host: string, watchers: Watchers, interruptions: Interruptions): Promise<Ended> {
  const { io } = watchers;
  const typed = (folder: string): string => shorter(folder, relative(io.cwd, folder));
  const result = await runCase({
    ...job,
    host,
    out: job.out === null ? null : resolve(io.cwd, job.out),
    reports: resolve(io.cwd, reportsFolder),
    redactText: job.reports.redactText,
    typed,
    answers: { given: job.answers, person: job.mayAsk ? person(watchers, interruptions) : null },
    ownEnv: io.env,
    invocation: ["casebook", ...io.args, ...(job.unwritten ?? [])],
    watchers: [interruptions.watch, watchers.watch],
    casebook: version,
    user: io.user,
    pid: io.pid,
    now: io.now,
    signal: interruptions.signal,
  });
  if (!result.ran) {
    const bug = interruptions.bug();
    if (bug !== null) throw bug;
    for (const lack of result.lacks) io.stderr.write(`casebook: ${visible(lack)}\n`);
    const code = interruptions.exitCode();
    return { exitCode: code ?? exitCode.preflight, interrupted: code !== null, summary: "", folder: null };
  }
  const { folder, outcome } = result;
  if (!existsSync(join(folder, journalFile))) {
    const kept = outcome.notRestored > 0 ? "something could NOT be put back" : "everything was put back";
    io.stderr.write(
      visible(`casebook: the case ${typed(folder)} was moved or removed while it was written; ${kept}\n`),
    );
    const code = outcome.notRestored > 0 ? exitCode.notRestored : exitCode.failed;
    return { exitCode: code, interrupted: interruptions.exitCode() !== null, summary: "", folder: null };
  }
  const { wanted, template } = job.reports;
  const report = await tried(io, async () => redactReport(await foldCase(folder), job.reports.redactions));
  const written =
    report !== null && (await tried(io, () => writeReport(folder, report, wanted, template).then(() => true))) === true;
  const [first] = wanted;
  const path = written && first !== undefined ? typed(reportPath(folder, first)) : null;
  if (outcome.lost !== null) io.stderr.write(`casebook: the journal lacks events: ${visible(outcome.lost.message)}\n`);
  const bug = outcome.bug ?? interruptions.bug(); // also one of writing the report
  if (bug !== null) io.reportBug(bug, typed(folder));
  return {
    exitCode: codeOf(outcome, { written, bug }),
    interrupted: interruptions.exitCode() !== null,
    summary: report === null ? withoutReport(interruptions) : summary(report, { folder: typed(folder), report: path }),
    folder: typed(folder),
  };
}

function codeOf(
  { exitCode: code, lost }: RunOutcome,
  end: { readonly written: boolean; readonly bug: unknown },
): number {
  if (code === exitCode.notRestored) return code;
  if (end.bug !== null) return exitCode.bug;
  const answered = code === exitCode.ok || code === exitCode.undecided;
  return answered && (!end.written || lost !== null) ? exitCode.failed : code;
}

function withoutReport(interruptions: Interruptions): string {
  const folder = interruptions.left();
  return folder === null ? "" : restoreCommand(folder);
}

/** Whoever leaves a question wants the run to end, as with Ctrl-C at any other time. */
const person =
  ({ io, suspended }: Watchers, interruptions: Interruptions): NonNullable<Answers["person"]> =>
  async (question, signal) => {
    const answer = await suspended(() => askQuestion(io, question, signal));
    if (answer === null && !signal.aborted) interruptions.interrupt();
    signal.throwIfAborted();
    if (answer === null) throw new Error("an interruption aborts the signal of every step");
    return answer;
  };

/** null, and why on standard error, when the reports cannot be written: the journal has everything that they would say. */
async function tried<T>(io: Io, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UsageError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
    const why = visible((error as Error).message);
    io.stderr.write(`casebook: the report is not written: ${why}; \`casebook report\` renders it again\n`);
    return null;
  }
}

/** A path as one would type it here. */
const shorter = (absolute: string, relative: string): string =>
  relative.startsWith("..") ? absolute : relative || ".";
