import { join, resolve } from "node:path";
import type { Command } from "commander";
import { CaseInUse, lockCase } from "../journal/lock.js";
import { assertCase } from "./case-argument.js";
import { exitCode } from "./exit-code.js";
import type { Io } from "./io.js";
import { addReportOptions, type ReportOptions, wantedReports } from "./report-options.js";
import { writeReports } from "./reports.js";
import { UsageError } from "./usage-error.js";

export function define(command: Command): void {
  addReportOptions(command.argument("<case>", "a case folder"));
}

/** Renders a case's reports again from its journal, also that of a run that died. Prints their paths. */
export async function execute(io: Io, folder: string, options: ReportOptions): Promise<number> {
  const { wanted, template } = await wantedReports(io.cwd, options);
  const path = resolve(io.cwd, folder);
  await assertCase(path, folder);
  try {
    await using _lock = await lockCase(path);
    await writeReports(path, wanted, template);
  } catch (error) {
    throw refusal(folder, error);
  }
  for (const format of wanted) io.stdout.write(`${join(folder, `report.${format}`)}\n`);
  return exitCode.ok;
}

function refusal(folder: string, error: unknown): unknown {
  if (error instanceof CaseInUse)
    return new UsageError(`${folder} is in use by process ${error.pid}; try again when it has ended`);
  const { code } = error as NodeJS.ErrnoException;
  const cannot = code === "EACCES" || code === "EPERM" || code === "EROFS" || code === "ENOSPC" || code === "EDQUOT";
  return cannot ? new UsageError(`the reports in ${folder} cannot be written (${code})`) : error;
}
