import { spawn } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { casebook, cli, type Ran } from "../support/casebook.js";
import { scratch } from "../support/scratch.js";

/** A level in a file that is raised while these steps run. */
const raised = (during: string): string => `casebook: 1
title: Raised
steps:
  - id: raised
    log_level: { command: { get: cat level, set: 'echo "$level" >level' }, to: debug }
    during:
${during.replace(/^/gm, "      ")}
`;

/** A folder with the level as it was and a runbook that raises it. */
const world = (during: string, files: Readonly<Record<string, string>> = {}): Promise<string> =>
  scratch({ level: "info\n", "a.yaml": raised(during), ...files });

const args = ["run", "a.yaml", "--allow", "perturb", "--out", "case"];

const levelIn = (cwd: string): string => readFileSync(join(cwd, "level"), "utf8");

/** What of a run that has ended must not be left in its case. */
const leftovers = (cwd: string): readonly string[] =>
  readdirSync(join(cwd, "case")).filter((name) => name.startsWith("."));

/** Makes node run this before casebook: a fault in casebook itself. */
async function broken(cwd: string, code: string): Promise<NodeJS.ProcessEnv> {
  writeFileSync(join(cwd, "fault.cjs"), code);
  return { NODE_OPTIONS: `--require ${join(cwd, "fault.cjs")}` };
}

/** Runs casebook with a standard stream on a full disk. */
async function withFull(stream: "stdout" | "stderr", written: readonly string[], cwd: string): Promise<Ran> {
  const full = openSync("/dev/full", "w");
  const stdio = stream === "stdout" ? (["ignore", full, "pipe"] as const) : (["ignore", "pipe", full] as const);
  const child = spawn(process.execPath, [cli(), ...written], { cwd, stdio: [...stdio] });
  closeSync(full);
  const told = { stdout: "", stderr: "" };
  child.stdout?.on("data", (chunk: Buffer) => {
    told.stdout += chunk;
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    told.stderr += chunk;
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, ...told })));
}

test("a standard error that takes nothing hinders no run", async () => {
  const cwd = await world("- run: cat level");
  const ran = await withFull("stderr", args, cwd);
  expect(ran).toMatchObject({ code: 0, stdout: "finished: 2 steps ok\nreport: case/report.md\n" });
  expect(levelIn(cwd)).toBe("info\n");
  expect(leftovers(cwd)).toEqual([]);
});

test("a standard output that takes nothing fails a run, once everything is put back", async () => {
  const cwd = await world("- run: cat level");
  const ran = await withFull("stdout", args, cwd);
  expect(ran.code, ran.stderr).toBe(3);
  expect(ran.stderr).toContain("casebook: standard output took no more (ENOSPC): what is missing there is not shown\n");
  expect(levelIn(cwd)).toBe("info\n");
  expect(leftovers(cwd)).toEqual([]);
  expect(await readFile(join(cwd, "case", "report.md"), "utf8")).toContain("# Raised");
  expect(await withFull("stdout", ["--version"], cwd)).toMatchObject({ code: 3 });
});

/** Throws where nobody catches it, while the level is raised. */
const bomb = `const { readFileSync } = require("node:fs");
setInterval(() => {
  if (readFileSync("level", "utf8") === "debug\\n") throw new Error("bomb");
}, 10).unref();
`;

test("a bug that nobody catches ends the run in order", async () => {
  const cwd = await world("- run: sleep 30");
  const ran = await casebook(args, { cwd, env: await broken(cwd, bomb) });
  expect(ran.code, ran.stderr).toBe(70);
  expect(ran.stderr).toContain("casebook: ending after a bug: the step is stopped, changes are put back");
  expect(ran.stderr.match(/Error: bomb/g)).toHaveLength(1);
  expect(ran.stderr).toContain("this is a bug in casebook. Please report it with the lines above");
  expect(levelIn(cwd)).toBe("info\n");
  expect(leftovers(cwd)).toEqual([]);
  expect(await readFile(join(cwd, "case", "report.md"), "utf8")).toContain("a bug of casebook: bomb");
});

test("a bug that nobody catches hides no change that cannot be put back", async () => {
  const cwd = await scratch({ level: "info\n" });
  writeFileSync(
    join(cwd, "a.yaml"),
    raised("- run: sleep 30").replace('echo "$level" >level', '[ "$level" = debug ] && echo debug >level'),
  );
  const ran = await casebook(args, { cwd, env: await broken(cwd, bomb) });
  expect(ran.code, ran.stderr).toBe(80);
  expect(ran.stdout.trimEnd().split("\n").at(-1)).toBe("casebook restore case");
});
