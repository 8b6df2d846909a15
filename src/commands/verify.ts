import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { journalFile, manifestFile } from "../journal/case-folder.js";
import { useOf } from "../journal/lock.js";
import { findingText, verifyCase } from "../journal/verify.js";
import { visibleLine } from "../util/visible.js";
import { caseRefusal, findCase } from "./case-argument.js";
import { exitCode } from "./exit-code.js";
import type { Io } from "./io.js";

export function define(command: Command): void {
  command.argument("<case>", "a case folder, or its name in reports/");
}

/** Checks the hash chain, the evidence and the manifest; names what differs. Exits 1 when something was altered. */
export async function execute(io: Io, written: string): Promise<number> {
  const { path, typed } = await findCase(io.cwd, written, [journalFile, manifestFile]);
  const use = await useOf(path);
  if (use !== null) throw caseRefusal(typed, use);
  const findings = (await verifyCase(path)).map(findingText);
  if (!existsSync(join(path, manifestFile))) {
    findings.push(`${manifestFile}: is missing; a run that died leaves none, \`casebook report\` writes it`);
  }
  for (const finding of findings) io.stdout.write(`${visibleLine(finding)}\n`);
  if (findings.length === 0) io.stdout.write(`${typed} is as it was written.\n`);
  return findings.length === 0 ? exitCode.ok : exitCode.altered;
}
