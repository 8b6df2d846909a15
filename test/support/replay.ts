import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { casebook, type Ran } from "./casebook.js";
import { scratch } from "./scratch.js";

/** Runs a runbook, beside other files, into the case `then`; gives its folder. */
export async function recorded(
  runbook: string,
  args: readonly string[] = [],
  code = 0,
  beside: Readonly<Record<string, string>> = {},
): Promise<string> {
  const cwd = await scratch({ ...beside, "a.yaml": runbook });
  const ran = await casebook(["run", "a.yaml", "--out", "then", ...args], { cwd });
  expect(ran.code, ran.stderr).toBe(code);
  return cwd;
}

/** Replays `then` with a runbook into the case `now`. */
export async function replayed(
  cwd: string,
  runbook: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<Ran> {
  await writeFile(join(cwd, "a.yaml"), runbook);
  return casebook(["run", "a.yaml", "--replay", "then", "--out", "now", ...args], { cwd, env });
}

/** A runbook of one step. */
export const said = (command: string, rest = ""): string =>
  `casebook: 1\ntitle: Test\nsteps:\n  - id: said\n    run: ${command}\n${rest}`;
