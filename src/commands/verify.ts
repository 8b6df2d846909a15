import { resolve } from "node:path";
import type { Command } from "commander";
import { verifyCase } from "../journal/verify.js";
import { assertCase } from "./case-argument.js";
import { exitCode } from "./exit-code.js";
import type { Io } from "./io.js";

export function define(command: Command): void {
  command.argument("<case>", "a case folder");
}

/** Checks the hash chain, the evidence and the manifest; names what differs. Exits 1 when something was altered. */
export async function execute(io: Io, folder: string): Promise<number> {
  const path = resolve(io.cwd, folder);
  await assertCase(path, folder);
  const findings = await verifyCase(path);
  for (const finding of findings) io.stdout.write(`${finding}\n`);
  if (findings.length === 0) io.stdout.write(`${folder} is as it was written.\n`);
  return findings.length === 0 ? exitCode.ok : exitCode.altered;
}
