import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { createEvidenceStore } from "../engine/evidence-store.js";
import { createMasker } from "../engine/mask.js";
import { runbookFile } from "../journal/case-folder.js";
import { type Compared, compareCases } from "../report/compare/compare.js";
import { comparisonText } from "../report/compare/text.js";
import { visible } from "../util/visible.js";
import { tellAltered } from "./altered.js";
import { findCase } from "./case-argument.js";
import { exitCode } from "./exit-code.js";
import type { Io } from "./io.js";
import { foldCase } from "./running/reports.js";
import { UsageError } from "./usage-error.js";

interface Options {
  readonly all?: true;
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .argument("<caseA>", "a case folder, or its name in reports/")
    .argument("<caseB>", "the case to compare it with")
    .option("--all", "compare also times, numbers of processes and addresses in memory")
    .option("--json", "print the differences as JSON");
}

/** Compares two runs of a runbook: exit 0 when they came to the same, 1 when not. */
export async function execute(io: Io, one: string, other: string, options: Options): Promise<number> {
  const [left, right] = [await readCompared(io, one), await readCompared(io, other)];
  const comparison = await compareCases(left, right, options.all === true);
  const { runbook, differences, steps, compared, shared } = comparison;
  if (shared === 0) throw new UsageError(`expected two runs of one runbook; ${one} and ${other} share no step`);
  const same = runbook.length + differences.length + steps.length === 0;
  if (options.json) {
    const cases = [left, right].map(({ report }) => report.case);
    io.stdout.write(`${JSON.stringify({ same, cases, runbook, differences, steps, compared }, null, 2)}\n`);
  } else {
    io.stdout.write(visible(comparisonText(comparison, [left.report, right.report], options.all === true)));
  }
  return same ? exitCode.ok : exitCode.differ;
}

async function readCompared(io: Io, written: string): Promise<Compared> {
  const { path, typed } = await findCase(io.cwd, written);
  await tellAltered(io, { path, typed });
  // A case may have been moved since it was written.
  const report = { ...(await foldCase(path)), case: typed };
  const runbook = await readFile(join(path, runbookFile), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === undefined) throw error;
    throw new UsageError(`${join(typed, runbookFile)} cannot be read (${error.code})`);
  });
  return { report, runbook, evidence: createEvidenceStore(path, createMasker(new Map())) };
}
