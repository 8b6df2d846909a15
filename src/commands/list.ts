import { join } from "node:path";
import type { Command } from "commander";
import { journalFile } from "../journal/case-folder.js";
import { writeDuration, writeSize } from "../model/fields.js";
import type { InputDeclaration } from "../model/runbook.js";
import type { Value } from "../model/value.js";
import { plan } from "../runbook/plan.js";
import { visibleLine } from "../util/visible.js";
import { exitCode } from "./exit-code.js";
import type { Io } from "./io.js";
import { readRunbook } from "./read-runbook.js";
import { UsageError } from "./usage-error.js";
import { entriesOf, isWalked } from "./walk.js";

export function define(command: Command): void {
  command.argument("[dir]", "folder to look in, with its subfolders", ".");
}

/** Prints each runbook of a folder with its title, inputs and risk; one with mistakes is listed as such. */
export async function execute(io: Io, dir: string): Promise<number> {
  let found = 0;
  for await (const file of yamlFiles(io.cwd, dir, 0)) {
    const text = await describe(io, file);
    if (text === null) continue;
    io.stdout.write(found++ === 0 ? text : `\n${text}`);
  }
  if (found === 0) io.stderr.write(`casebook: no runbooks in ${dir}\n`);
  return exitCode.ok;
}

async function* yamlFiles(cwd: string, dir: string, depth: number): AsyncGenerator<string> {
  const entries = await entriesOf(cwd, dir, depth);
  // The runbook of a case is a copy of one that ran.
  if (depth > 0 && entries.some(({ name }) => name === journalFile)) return;
  for (const entry of entries) {
    const path = dir === "." ? entry.name : join(dir, entry.name);
    if (entry.isFile() && entry.name.endsWith(".yaml")) yield path;
    if (isWalked(entry, depth)) yield* yamlFiles(cwd, path, depth + 1);
  }
}

/** null for a YAML file that does not claim to be a runbook, or that cannot be read. */
async function describe(io: Io, file: string): Promise<string | null> {
  const read = await readRunbook(io.cwd, file).catch((error: unknown) => {
    if (error instanceof UsageError) return null;
    throw error;
  });
  if (read === null || !/^casebook[ \t]*:/m.test(read.text)) return null;
  const name = visibleLine(file);
  if (!read.loaded.ok) return `${name}\n  not valid: see casebook check ${name}\n`;
  const runbook = read.loaded.value;
  const defaults = runbook.inputs.flatMap(({ name, default: value }) =>
    value === undefined ? [] : [[name, value] as const],
  );
  const { title, risk } = plan(runbook, new Map(defaults));
  const inputs = runbook.inputs.map(describeInput);
  return [name, `  ${visibleLine(title)}`, `  risk: ${risk}`, ...inputs.map((line) => `  -i ${line}`), ""].join("\n");
}

function describeInput({ name, about, type, optional, secret, default: value }: InputDeclaration): string {
  const need = value !== undefined ? `default ${shown(type, value)}` : optional ? "optional" : "required";
  const words = [type, ...(secret ? ["secret"] : []), need].join(", ");
  return visibleLine(`${name} (${words})${about === null ? "" : `: ${about}`}`);
}

/** As one would give it: an amount with its unit, not the number that conditions see. */
function shown(type: InputDeclaration["type"], value: Value): string {
  if (type === "duration") return writeDuration(Number(value));
  return type === "size" ? writeSize(Number(value)) : JSON.stringify(value);
}
