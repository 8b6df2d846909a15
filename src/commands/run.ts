import type { Command } from "commander";
import type { PlannedStep } from "../model/plan.js";
import { highest, type Risk } from "../model/risk.js";
import type { Value } from "../model/value.js";
import { plan } from "../runbook/plan.js";
import { exitCode, mostSerious } from "./exit-code.js";
import { givenAnswers } from "./inputs/given-answers.js";
import type { InputOptions } from "./inputs/given-inputs.js";
import { replayInputs } from "./inputs/recorded-inputs.js";
import { inputValues } from "./inputs/resolve-inputs.js";
import { unwrittenInputs } from "./inputs/unwritten.js";
import type { Io } from "./io.js";
import { addInputOptions, collect, durationOption, riskOption } from "./options.js";
import { frames, readRunbook } from "./read-runbook.js";
import { readRecordedCase } from "./recorded-case.js";
import { addReportOptions, type ReportOptions, wantedReports } from "./report-options.js";
import { type ChosenHost, chosenHosts } from "./running/hosts.js";
import { needsOf } from "./running/needs.js";
import { permittedRisk } from "./running/permission.js";
import { type Ended, runOnHost } from "./running/run-on-host.js";
import { UsageError } from "./usage-error.js";
import { addWatchOptions, openWatchers, type WatchOptions } from "./watching/watchers.js";

interface Options extends InputOptions, ReportOptions, WatchOptions {
  readonly host?: readonly string[];
  readonly inventory?: string;
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
    .option("--inventory <file>", "a YAML file of hosts with their inputs; --host then picks some by name")
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
  const idle = (["host", "inventory", "answer"] as const).find((name) => options[name] !== undefined);
  if (options.replay !== undefined && idle !== undefined) {
    throw new UsageError(`--replay asks no host and no person: leave out --${idle}`);
  }
  const recorded = options.replay === undefined ? null : await readRecordedCase(io.cwd, options.replay);
  const hosts = await chosenHosts(io, options, recorded?.connected.host ?? "local");
  if (hosts.length > 1 && options.out !== undefined) {
    throw new UsageError(`--out is one case folder, and each of ${hosts.length} hosts gets a case: leave out --out`);
  }
  const reports = await wantedReports(io, options);
  const read = await readRunbook(io.cwd, file);
  if (!read.loaded.ok) {
    io.stderr.write(frames(read, read.loaded.diagnostics, io.stderr.colour));
    return exitCode.invalidRunbook;
  }
  const runbook = read.loaded.value;
  const mayAsk = io.canAsk && options.input;
  const planned: Planned[] = [];
  for (const host of hosts) {
    const given = { ...options, ofHost: host.inputs };
    const inputs =
      recorded === null
        ? await named(host, () => inputValues(io, runbook, given, mayAsk))
        : await replayInputs(io, runbook, given, recorded, mayAsk);
    if (inputs === null) return exitCode.interrupted;
    const { steps } = plan(runbook, inputs);
    planned.push({ host, inputs, steps, answers: givenAnswers(options.answer ?? [], steps) });
  }
  const allow = recorded === null ? await permittedRisk(io, riskiest(planned), options.allow, mayAsk) : options.allow;
  if (allow === null) return exitCode.refused;

  const { timeout = null, out = null, offline = false } = options;
  const taking = recorded === null ? null : { from: recorded, rerun: null };
  const shared = { runbook, taking, allow, timeout, out, reports, offline, mayAsk };
  using watchers = openWatchers(io, options);
  const ended: Ended[] = [];
  for (const { host, inputs, steps, answers } of planned) {
    if (ended.at(-1)?.interrupted) break;
    const unwritten = [
      ...(recorded === null ? unwrittenInputs(runbook, inputs, { ...options, ofHost: host.inputs }, io.env) : []),
      ...(allow === options.allow ? [] : ["--allow", allow]),
    ];
    const job = { ...shared, inputs, answers, needs: needsOf(steps), label: host.label, unwritten };
    const one = await runOnHost(job, host.url, watchers);
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

/** What runs on one host. */
interface Planned {
  readonly host: ChosenHost;
  readonly inputs: ReadonlyMap<string, Value>;
  readonly steps: readonly PlannedStep[];
  readonly answers: ReadonlyMap<string, readonly string[]>;
}

/** Tells of which host an input is missing or wrong. */
async function named<T>({ label }: ChosenHost, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (label === null || !(error instanceof UsageError)) throw error;
    throw new UsageError(`${label}: ${error.message}`, error.frames);
  }
}

/** The steps that do most, of whichever host: inputs may decide what a step does. */
function riskiest(planned: readonly Planned[]): { readonly steps: readonly PlannedStep[]; readonly risk: Risk } {
  const risks = planned.map(({ steps }) => ({ steps, risk: highest(steps.map(({ risk }) => risk)) }));
  const risk = highest(risks.map((one) => one.risk));
  return risks.find((one) => one.risk === risk) ?? { steps: [], risk };
}
