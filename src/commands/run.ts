import type { Command } from "commander";
import type { Risk } from "../model/risk.js";
import { plan } from "../runbook/plan.js";
import { exitCode, mostSerious } from "./exit-code.js";
import { givenAnswers } from "./given-answers.js";
import type { InputOptions } from "./given-inputs.js";
import type { Io } from "./io.js";
import { needsOf } from "./needs.js";
import { addInputOptions, collect, durationOption, riskOption } from "./options.js";
import { permittedRisk } from "./permission.js";
import { frames, readRunbook } from "./read-runbook.js";
import { readRecordedCase } from "./recorded-case.js";
import { replayInputs } from "./recorded-inputs.js";
import { addReportOptions, type ReportOptions, wantedReports } from "./report-options.js";
import { inputValues } from "./resolve-inputs.js";
import { type Ended, runOnHost } from "./run-on-host.js";
import { UsageError } from "./usage-error.js";
import { addWatchOptions, openWatchers, type WatchOptions } from "./watchers.js";

interface Options extends InputOptions, ReportOptions, WatchOptions {
  readonly host?: readonly string[];
  readonly allow: Risk;
  readonly answer?: readonly string[];
  readonly offline?: true;
  /** False: `--no-input`. */
  readonly input: boolean;
  readonly timeout?: number;
  readonly out?: string;
  readonly replay?: string;
}

export function define(command: Command): void {
  addInputOptions(command.argument("<runbook>", "the runbook"))
    .option("--host <url>", "where it runs; repeated: a case for each (default: local)", collect)
    .option("--allow <risk>", "what steps may do: observe, perturb or disrupt", riskOption, "observe")
    .option("--answer <id=value>", "the answer to a step's question; repeated for others, or for its rounds", collect)
    .option("--no-input", "never ask, also on a terminal")
    .option("--offline", "skip what is looked up in the network from this machine")
    .option("--timeout <duration>", "for the whole run: 30s, 10m", durationOption)
    .option("--out <dir>", "the case folder, new or empty (default: a fresh one in reports/)")
    .option("--replay <case>", "ask no host: every observation is the one that this case recorded");
  addWatchOptions(addReportOptions(command));
}

/** Runs a runbook on each host in turn, writes the cases with their reports, and prints the verdicts and the reports' paths. */
export async function execute(io: Io, file: string, options: Options): Promise<number> {
  const idle = (["host", "answer"] as const).find((name) => options[name] !== undefined);
  if (options.replay !== undefined && idle !== undefined) {
    throw new UsageError(`--replay asks no host and no person: leave out --${idle}`);
  }
  const recorded = options.replay === undefined ? null : await readRecordedCase(io.cwd, options.replay);
  const hosts = options.host ?? [recorded?.connected.host ?? "local"];
  if (hosts.length > 1 && options.out !== undefined) {
    throw new UsageError(`--out is one case folder, and each of ${hosts.length} hosts gets a case: leave out --out`);
  }
  const reports = await wantedReports(io.cwd, options);
  const read = await readRunbook(io.cwd, file);
  if (!read.loaded.ok) {
    io.stderr.write(frames(read, read.loaded.diagnostics, io.stderr.colour));
    return exitCode.invalidRunbook;
  }
  const runbook = read.loaded.value;
  const mayAsk = io.canAsk && options.input;
  const inputs =
    recorded === null
      ? await inputValues(io, runbook, options, mayAsk)
      : await replayInputs(io, runbook, options, recorded, mayAsk);
  if (inputs === null) return exitCode.interrupted;
  const planned = plan(runbook, inputs);
  const answers = givenAnswers(options.answer ?? [], planned.steps);
  const allow = recorded === null ? await permittedRisk(io, planned, options.allow, mayAsk) : options.allow;
  if (allow === null) return exitCode.refused;

  const needs = needsOf(planned.steps);
  const { timeout = null, out = null, offline = false } = options;
  const taking = recorded === null ? null : { from: recorded, rerun: null };
  const job = { runbook, inputs, needs, taking, allow, timeout, out, reports, answers, offline, mayAsk };
  using watchers = openWatchers(io, options);
  const ended: Ended[] = [];
  for (const host of hosts) {
    if (ended.at(-1)?.interrupted) break;
    const one = await runOnHost(job, host, watchers);
    watchers.results.write(one.summary);
    ended.push(one);
  }
  // The very last line is a command that puts back, whichever host needs it.
  const left = ended.filter((one) => one.exitCode === exitCode.notRestored);
  if (ended.at(-1)?.exitCode !== exitCode.notRestored) {
    for (const { summary } of left) watchers.results.write(`${summary.trimEnd().split("\n").at(-1)}\n`);
  }
  return mostSerious(ended.map((one) => one.exitCode));
}
