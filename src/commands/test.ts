import { writeFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import type { Command } from "commander";
import { type JunitCase, junit } from "../util/junit.js";
import { count } from "../util/measure.js";
import { visible, visibleLine } from "../util/visible.js";
import { exitCode } from "./exit-code.js";
import { expectedOf, readExpected, shortfalls } from "./expected.js";
import { casesBelow, runbookFor } from "./find-tested.js";
import type { Io } from "./io.js";
import { frames, readRunbook } from "./read-runbook.js";
import { readRecordedCase } from "./recorded-case.js";
import { takeInterruptions } from "./running/interruptions.js";
import { replayApart } from "./running/replay-apart.js";
import { foldCase } from "./running/reports.js";
import { UsageError } from "./usage-error.js";

interface Options {
  readonly junit?: string;
}

export function define(command: Command): void {
  command
    .argument("<dir>", "folder of runbooks and recorded cases")
    .option("--junit <file>", "write the results also as JUnit XML");
}

/** Replays every case below a folder with its runbook: exit 0 when all come to what is expected, else 1. */
export async function execute(io: Io, dir: string, options: Options): Promise<number> {
  using interruptions = takeInterruptions(io);
  const tested: JunitCase[] = [];
  for await (const found of casesBelow(io.cwd, dir)) {
    const since = performance.now();
    const { runbook, failure } = await testCase(io, found, interruptions.signal);
    const bug = interruptions.bug();
    if (bug !== null) throw bug;
    const interrupted = interruptions.exitCode();
    if (interrupted !== null) return interrupted;
    const name = relative(resolve(io.cwd, dir), resolve(io.cwd, found)) || found;
    tested.push({ suite: runbook ?? "no runbook", name, milliseconds: performance.now() - since, failure });
    io.stdout.write(lineOf(found, runbook, failure));
  }
  if (tested.length === 0) throw new UsageError(`expected recorded cases below ${dir}, found none`);
  if (options.junit !== undefined) await writeJunit(io, options.junit, tested);
  const failed = tested.filter(({ failure }) => failure !== null).length;
  io.stdout.write(`${count(tested.length, "case")}: ${tested.length - failed} ok, ${failed} failed\n`);
  return failed === 0 ? exitCode.ok : exitCode.differ;
}

interface Tested {
  /** null: there is none. */
  readonly runbook: string | null;
  readonly failure: string | null;
}

async function testCase(io: Io, found: string, signal: AbortSignal): Promise<Tested> {
  let runbook: string | null = null;
  try {
    const recorded = await readRecordedCase(io.cwd, found);
    const { file } = recorded.started.runbook;
    runbook = await runbookFor(io.cwd, found, file);
    if (runbook === null)
      return { runbook, failure: `expected the runbook ${file} beside the case or in a folder above, found none` };
    const read = await readRunbook(io.cwd, runbook);
    if (!read.loaded.ok)
      return { runbook, failure: `the runbook is not valid\n${frames(read, read.loaded.diagnostics, false)}` };
    const expected = (await readExpected(io, `${found}.expected.yaml`)) ?? expectedOf(await foldCase(recorded.path));
    const report = await replayApart(io, read.loaded.value, recorded, signal);
    const missed = shortfalls(expected, report);
    if (missed.length === 0) return { runbook, failure: null };
    const { ended_by: ended } = report;
    const why = ended === null ? [] : [`step ${ended.step} failed: ${ended.reason ?? ""}`];
    return { runbook, failure: [...missed, ...why].join("\n") };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { runbook, failure: `${error.message}\n${error.frames}`.trim() };
  }
}

/** One line for a case; below one that failed, why. */
function lineOf(found: string, runbook: string | null, failure: string | null): string {
  const name = visibleLine(`${found}${runbook === null ? "" : ` with ${runbook}`}`);
  if (failure === null) return `ok    ${name}\n`;
  const lines = visible(failure).trimEnd().split("\n");
  return `FAIL  ${name}\n${lines.map((line) => `      ${line}\n`).join("")}`;
}

async function writeJunit(io: Io, file: string, tested: readonly JunitCase[]): Promise<void> {
  try {
    await writeFile(resolve(io.cwd, file), junit(tested));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UsageError(`--junit: ${file} cannot be written (${code})`);
  }
}
