import { join } from "node:path";
import type { Command } from "commander";
import { lockCase } from "../journal/lock.js";
import { caseRefusal, findCase } from "./case-argument.js";
import { exitCode } from "./exit-code.js";
import type { Io } from "./io.js";
import { addReportOptions, type ReportOptions, wantedReports } from "./report-options.js";
import { writeReports } from "./reports.js";

export function define(command: Command): void {
  addReportOptions(command.argument("<case>", "a case folder, or its name in reports/"));
}

/** Renders a case's reports again from its journal, also that of a run that died. Prints their paths. */
export async function execute(io: Io, written: string, options: ReportOptions): Promise<number> {
  const { wanted, template } = await wantedReports(io.cwd, options);
  const { path, typed } = await findCase(io.cwd, written);
  try {
    await using _lock = await lockCase(path);
    await writeReports(path, wanted, template);
  } catch (error) {
    throw caseRefusal(typed, error);
  }
  for (const format of wanted) io.stdout.write(`${join(typed, `report.${format}`)}\n`);
  return exitCode.ok;
}
