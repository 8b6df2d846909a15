import { relative, resolve } from "node:path";
import type { Command } from "commander";
import type { Risk } from "../model/risk.js";
import { summary } from "../progress/summary.js";
import { plan } from "../runbook/plan.js";
import { visible } from "../util/visible.js";
import { version } from "../version.js";
import { reportsFolder } from "./case-argument.js";
import { exitCode } from "./exit-code.js";
import type { InputOptions } from "./given-inputs.js";
import { takeInterruptions } from "./interruptions.js";
import type { Io } from "./io.js";
import { needsOf } from "./needs.js";
import { addInputOptions, durationOption, riskOption } from "./options.js";
import { permittedRisk } from "./permission.js";
import { frames, readRunbook } from "./read-runbook.js";
import { addReportOptions, type ReportOptions, wantedReports } from "./report-options.js";
import { foldCase, reportPath, writeReport } from "./reports.js";
import { inputValues } from "./resolve-inputs.js";
import { runCase } from "./run-case.js";
import { UsageError } from "./usage-error.js";
import { addWatchOptions, openWatchers, type WatchOptions } from "./watchers.js";

interface Options extends InputOptions, ReportOptions, WatchOptions {
  readonly host: string;
  readonly allow: Risk;
  /** False: `--no-input`. */
  readonly input: boolean;
  readonly timeout?: number;
  readonly out?: string;
}

export function define(command: Command): void {
  addInputOptions(command.argument("<runbook>", "the runbook"))
    .option("--host <url>", "where it runs", "local")
    .option("--allow <risk>", "what steps may do: observe, perturb or disrupt", riskOption, "observe")
    .option("--no-input", "never ask, also on a terminal")
    .option("--timeout <duration>", "for the whole run: 30s, 10m", durationOption)
    .option("--out <dir>", "the case folder, new or empty (default: a fresh one in reports/)");
  addWatchOptions(addReportOptions(command));
}

/** Runs a runbook, writes the case with its reports, and prints the verdict and the report's path. */
export async function execute(io: Io, file: string, options: Options): Promise<number> {
  const { wanted, template } = await wantedReports(io.cwd, options);
  const read = await readRunbook(io.cwd, file);
  if (!read.loaded.ok) {
    io.stderr.write(frames(read, read.loaded.diagnostics, io.stderr.colour));
    return exitCode.invalidRunbook;
  }
  const runbook = read.loaded.value;
  const mayAsk = io.canAsk && options.input;
  const inputs = await inputValues(io, runbook, options, mayAsk);
  if (inputs === null) return exitCode.interrupted;
  const planned = plan(runbook, inputs);
  const allow = await permittedRisk(io, planned, options.allow, mayAsk);
  if (allow === null) return exitCode.refused;

  const reports = resolve(io.cwd, reportsFolder);
  const out = options.out === undefined ? null : resolve(io.cwd, options.out);
  const typed = (folder: string): string => shorter(folder, relative(io.cwd, folder));
  using interruptions = takeInterruptions(io);
  using watchers = openWatchers(io, options);
  const result = await runCase({
    runbook,
    inputs,
    host: options.host,
    needs: needsOf(planned.steps),
    allow,
    timeout: options.timeout ?? null,
    out,
    reports,
    typed,
    invocation: ["casebook", ...io.args],
    watchers: [interruptions.watch, watchers.watch],
    casebook: version,
    user: io.user,
    pid: io.pid,
    now: io.now,
    signal: interruptions.signal,
  });
  if (!result.ran) {
    for (const lack of result.lacks) io.stderr.write(`casebook: ${visible(lack)}\n`);
    return interruptions.exitCode() ?? exitCode.preflight;
  }
  const { folder, outcome } = result;
  const report = await foldCase(folder);
  const written = await tryToWrite(io, () => writeReport(folder, report, wanted, template));
  const [first] = wanted;
  const path = written && first !== undefined ? typed(reportPath(folder, first)) : null;
  if (outcome.lost !== null) io.stderr.write(`casebook: the journal lacks events: ${visible(outcome.lost.message)}\n`);
  if (outcome.bug !== null) io.reportBug(outcome.bug, typed(folder));
  watchers.results.write(summary(report, { folder: typed(folder), report: path }));
  const answered = outcome.exitCode === exitCode.ok || outcome.exitCode === exitCode.undecided;
  return answered && (!written || outcome.lost !== null) ? exitCode.failed : outcome.exitCode;
}

/** False, and why on standard error, when the reports cannot be written: the journal has everything that they would say. */
async function tryToWrite(io: Io, write: () => Promise<void>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (!(error instanceof UsageError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
    const why = visible((error as Error).message);
    io.stderr.write(`casebook: the report is not written: ${why}; \`casebook report\` renders it again\n`);
    return false;
  }
}

/** A path as one would type it here. */
const shorter = (absolute: string, relative: string): string =>
  relative.startsWith("..") ? absolute : relative || ".";
