import type { Command } from "commander";
import type { Risk } from "../model/risk.js";
import type { Runbook } from "../model/runbook.js";
import { exitCode } from "./exit-code.js";
import type { InputOptions } from "./inputs/given-inputs.js";
import { recordedInputs } from "./inputs/recorded-inputs.js";
import { inputValues } from "./inputs/resolve-inputs.js";
import type { Io } from "./io.js";
import { readKeptRunbook } from "./kept-runbook.js";
import { addInputOptions, collect, durationOption, riskOption } from "./options.js";
import { frames, readRunbook } from "./read-runbook.js";
import { readRecordedCase } from "./recorded-case.js";
import { addReportOptions, type ReportOptions, wantedReports } from "./report-options.js";
import { allAgain, fromStep, onlySteps, type RerunSteps } from "./running/rerun-steps.js";
import { runSteps } from "./running/run-steps.js";
import { UsageError } from "./usage-error.js";
import { addWatchOptions, openWatchers, type WatchOptions } from "./watching/watchers.js";

interface Options extends InputOptions, ReportOptions, WatchOptions {
  readonly from?: string;
  readonly only?: readonly string[];
  readonly runbook?: string;
  readonly host?: string;
  readonly allow?: Risk;
  readonly answer?: readonly string[];
  readonly offline?: true;
  /** False: `--no-input`. */
  readonly input: boolean;
  readonly timeout?: number;
  readonly out?: string;
}

export function define(command: Command): void {
  addInputOptions(command.argument("<case>", "a case folder, or its name in reports/"))
    .option("--from <id>", "the first step that runs again; those before it are taken from the case")
    .option("--only <ids>", "the steps that run again, between commas, with the instruments around them", idList)
    .option("--runbook <file>", "a changed runbook in place of the one that ran")
    .option("--host <url>", "where it runs (default: where the case ran)")
    .option("--allow <risk>", "what steps may do (default: what the case was allowed)", riskOption)
    .option("--answer <id=value>", "the answer to a step's question; repeated for others, or for its rounds", collect)
    .option("--no-input", "never ask, also on a terminal")
    .option("--offline", "skip what is looked up in the network from this machine")
    .option("--timeout <duration>", "for the whole run: 30s, 10m", durationOption)
    .option("--out <dir>", "the case folder, new or empty (default: a fresh one in reports/)");
  addWatchOptions(addReportOptions(command));
}

const idList = (written: string): readonly string[] => written.split(",").map((id) => id.trim());

/** Runs steps of a case again into a new case; the others are taken from it. */
export async function execute(io: Io, written: string, options: Options): Promise<number> {
  if (options.from !== undefined && options.only !== undefined) {
    throw new UsageError("--from and --only exclude each other");
  }
  const recorded = await readRecordedCase(io.cwd, written);
  const reports = await wantedReports(io, options, recorded);
  const read = await (options.runbook === undefined
    ? readKeptRunbook(io.cwd, recorded)
    : readRunbook(io.cwd, options.runbook));
  if (!read.loaded.ok) {
    io.stderr.write(frames(read, read.loaded.diagnostics, io.stderr.colour));
    return exitCode.invalidRunbook;
  }
  const steps = chosen(read.loaded.value, options);
  const mayAsk = io.canAsk && options.input;
  const inputs = await inputValues(io, steps.runbook, options, mayAsk, recordedInputs(steps.runbook, recorded));
  if (inputs === null) return exitCode.interrupted;
  using watchers = openWatchers(io, options);
  const ended = await runSteps({ ...options, recorded, steps, inputs, mayAsk, reports }, watchers);
  watchers.results.write(ended.summary);
  return ended.exitCode;
}

function chosen(runbook: Runbook, { from, only }: Options): RerunSteps {
  if (from !== undefined) return fromStep(runbook, from);
  return only === undefined ? allAgain(runbook) : onlySteps(runbook, only);
}
