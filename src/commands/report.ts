import { join, resolve } from "node:path";
import type { Command } from "commander";
import { lockCase } from "../journal/lock.js";
import { summary } from "../progress/summary.js";
import { redactReport } from "../report/redact/report.js";
import { tellAltered } from "./altered.js";
import { caseRefusal, findCase } from "./case-argument.js";
import { exitCode } from "./exit-code.js";
import type { Io } from "./io.js";
import { addReportOptions, type ReportOptions, wantedReports } from "./report-options.js";
import { foldCase, handOut, reportName, writeReport } from "./running/reports.js";
import { UsageError } from "./usage-error.js";

interface Options extends ReportOptions {
  readonly summary?: true;
  readonly open?: true;
  readonly out?: string;
}

export function define(command: Command): void {
  addReportOptions(command.argument("<case>", "a case folder, or its name in reports/"))
    .option("--summary", "print the verdict and what is left to do, as a run does at its end")
    .option("--out <dir>", "where they go, to be handed out without the case (default: the case)")
    .option("--open", "open the page, in $BROWSER or the desktop's own");
}

/** Renders a case's reports again from its journal, also that of a run that died. Prints their paths. */
export async function execute(io: Io, written: string, options: Options): Promise<number> {
  const { wanted, template, redactions } = await wantedReports(io, options);
  const { path, typed } = await findCase(io.cwd, written);
  const [first] = wanted;
  const [place, named] = options.out === undefined ? [path, typed] : [resolve(io.cwd, options.out), options.out];
  const paths = { folder: typed, report: first === undefined ? null : join(named, reportName(first)) };
  let altered: readonly string[] = [];
  try {
    await using _lock = await lockCase(path);
    altered = await tellAltered(io, { path, typed });
    const report = redactReport(await foldCase(path, altered), redactions);
    if (place === path) await writeReport(place, report, wanted, template);
    else await handOut(place, report, wanted, template);
    if (options.summary) io.stdout.write(summary(report, paths));
    else for (const format of wanted) io.stdout.write(`${join(named, reportName(format))}\n`);
  } catch (error) {
    const refusal = caseRefusal(typed, error);
    // Events are taken on trust; that this fails where the case was altered is no bug.
    if (refusal instanceof UsageError || altered.length === 0) throw refusal;
    io.stderr.write("casebook: it gives no report\n");
    return exitCode.altered;
  }
  if (!options.open) return exitCode.ok;
  const shown = wanted.includes("html") ? "html" : first;
  if (shown === undefined) return exitCode.ok;
  const { openFile } = await import("./open-file.js"); // few are opened, and what starts programs takes node a while to load
  return openFile(io, join(place, reportName(shown)));
}
