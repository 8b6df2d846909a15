import type { Command } from "commander";
import { runbookJsonSchema } from "../runbook/schema.js";
import { kindNames, loadKinds } from "../steps/index.js";
import { exitCode } from "./exit-code.js";
import type { Io } from "./io.js";

export function define(command: Command): void {
  command.addHelpText(
    "after",
    "\nFor completion in an editor, point yaml-language-server at the file:\n  casebook schema > runbook.schema.json",
  );
}

/** Prints the JSON Schema of a runbook. */
export async function execute(io: Io): Promise<number> {
  io.stdout.write(`${JSON.stringify(runbookJsonSchema(await loadKinds(kindNames)), null, 2)}\n`);
  return exitCode.ok;
}
