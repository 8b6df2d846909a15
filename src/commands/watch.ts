import { resolve } from "node:path";
import type { Command } from "commander";
import type { Risk } from "../model/risk.js";
import type { Runbook } from "../model/runbook.js";
import { visible } from "../util/visible.js";
import { exitCode } from "./exit-code.js";
import type { InputOptions } from "./inputs/given-inputs.js";
import type { Io } from "./io.js";
import { addInputOptions, countOption, durationOption, riskOption } from "./options.js";
import { frames, readRunbook } from "./read-runbook.js";
import { readRecordedCase } from "./recorded-case.js";
import { addReportOptions, type ReportOptions, wantedReports } from "./report-options.js";
import { usedBy } from "./running/keep-runbooks.js";
import { runSteps, type StepsRequest } from "./running/run-steps.js";
import { UsageError } from "./usage-error.js";
import { keptCases } from "./watching/kept-cases.js";
import { type SavedFiles, watchSaved } from "./watching/saved-file.js";
import { type LastRun, lastRunOf, nextSteps, settledInputs, unsettled } from "./watching/watched-run.js";
import { addWatchOptions, openWatchers, type Watchers, type WatchOptions } from "./watching/watchers.js";

interface Options extends InputOptions, ReportOptions, WatchOptions {
  readonly host?: string;
  readonly allow?: Risk;
  readonly offline?: true;
  /** False: `--no-input`. */
  readonly input: boolean;
  readonly timeout?: number;
  readonly keep: number;
}

export function define(command: Command): void {
  addInputOptions(command.argument("<runbook>", "the runbook"))
    .argument("[case]", "a case of it to begin with; without one, all of it runs first")
    .option("--host <url>", "where it runs (default: where the case ran, else local)")
    .option("--allow <risk>", "what steps may do (default: what the case was allowed, else observe)", riskOption)
    .option("--no-input", "never ask, also on a terminal")
    .option("--offline", "skip what is looked up in the network from this machine")
    .option("--timeout <duration>", "for each run: 30s, 10m", durationOption)
    .option("--keep <count>", "how many of the cases that it makes stay, the newest", countOption, 10);
  addWatchOptions(addReportOptions(command));
}

/** Runs a runbook, then, whenever it is saved, what was changed and what depends on it, each time into a new case. */
export async function execute(io: Io, file: string, written: string | undefined, options: Options): Promise<number> {
  const recorded = written === undefined ? undefined : await readRecordedCase(io.cwd, written);
  const reports = await wantedReports(io, options, recorded);
  const settings = { ...options, reports, mayAsk: io.canAsk && options.input };
  let last = recorded === undefined ? null : await lastRunOf(io, recorded);
  await readRunbook(io.cwd, file);
  using watchers = openWatchers(io, options);
  using saved = watchSaved();
  await saved.follow([resolve(io.cwd, file)]);
  using ending = takeEnding(io);
  const made = keptCases(options.keep);
  for (let wasSaved = false; ; wasSaved = true) {
    const done = await runChanges({ file, last, wasSaved, settings, watchers, saved });
    if (done !== null && "exitCode" in done) return done.exitCode;
    if (done !== null) await made.add(done.recorded.path);
    last = done ?? last;
    watchers.io.stderr.write(`casebook: waiting for ${visible(file)} to be saved; Ctrl-C ends\n`);
    if (!(await saved.saved(ending.signal))) return ending.exitCode();
  }
}

/** A signal that comes while nothing runs ends the watch; one that comes during a run also ends that, in its own way. */
function takeEnding(io: Io): Disposable & { readonly signal: AbortSignal; exitCode(): number } {
  const controller = new AbortController();
  let code: number = exitCode.ok;
  const taken = io.onSignal((by) => {
    if (by !== "INT") code = exitCode.terminated;
    controller.abort();
  });
  return {
    signal: controller.signal,
    exitCode: () => code,
    [Symbol.dispose]: () => taken[Symbol.dispose](),
  };
}

interface Watching {
  readonly file: string;
  readonly last: LastRun | null;
  /** false at the beginning. */
  readonly wasSaved: boolean;
  readonly settings: Settings;
  readonly watchers: Watchers;
  readonly saved: SavedFiles;
}

type Settings = Options & Pick<StepsRequest, "reports" | "mayAsk">;

/** What ran now, null when nothing did, or the exit code with which the watch ends. */
async function runChanges({
  file,
  last,
  wasSaved,
  settings,
  watchers,
  saved,
}: Watching): Promise<LastRun | null | { readonly exitCode: number }> {
  const { io } = watchers;
  try {
    const read = await readRunbook(io.cwd, file);
    await saved.follow([file, ...read.texts.keys()].map((one) => resolve(io.cwd, one))); // a link may lead elsewhere now
    if (!read.loaded.ok) {
      io.stderr.write(frames(read, read.loaded.diagnostics, io.stderr.colour));
      return null;
    }
    const runbook = read.loaded.value;
    if (last?.runbook != null && wholeText(last.runbook) === wholeText(runbook) && !(wasSaved && unsettled(last))) {
      io.stderr.write(`casebook: ${visible(file)} is as it ran in ${visible(last.recorded.typed)}\n`);
      return null;
    }
    const inputs = await watchers.suspended(() => settledInputs(io, runbook, settings, last));
    if (inputs === null) return { exitCode: exitCode.interrupted };
    const steps = nextSteps(last, runbook, inputs);
    if (last !== null) io.stderr.write(visible(`casebook: ${announced(steps.live)}\n`));
    const ended = await runSteps({ ...settings, recorded: last?.recorded ?? null, steps, inputs }, watchers);
    watchers.results.write(ended.summary);
    const { notRestored, bug } = exitCode;
    if (ended.interrupted || ended.exitCode === notRestored || ended.exitCode === bug) return ended;
    if (ended.folder === null) return null;
    return { runbook, inputs, recorded: await readRecordedCase(io.cwd, ended.folder) };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    io.stderr.write(`${error.frames}casebook: ${visible(error.message)}\n`);
    return null;
  }
}

const wholeText = (runbook: Runbook): string => [runbook, ...usedBy(runbook.steps)].map(({ text }) => text).join("\n");

const announced = (live: ReadonlySet<string>): string =>
  live.size === 0 ? "no step has to run again; all are taken" : `runs again: ${[...live].join(", ")}`;
