import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { Event } from "../../src/model/event.js";
import { cli } from "./casebook.js";
import { childrenOf, marked, processesGone } from "./processes.js";
import { scratch } from "./scratch.js";
import type { Sshd } from "./sshd.js";

/** What the file holds whose level the run turns up. */
export const before = "# the level\nlevel=info\n";

/** A program that runs and a level that is up while the last step waits. */
const runbook = (file: string): string => `casebook: 1
title: Something is open when the connection goes
steps:
  - id: program
    start: { command: [sh, -c, "trap 'sleep 0.2; exit' TERM; echo up; while :; do sleep 0.1; done"], ready: { log: up } }
    during:
      - id: louder
        log_level: { file: { path: ${file}, pattern: 'level=(\\w+)', reload: "true" }, to: debug }
        during:
          - id: waits
            run: echo waiting; sleep 60
`;

/** A run behind SSH with something open. */
export interface Going extends AsyncDisposable {
  readonly folder: string;
  readonly file: string;
  readonly mark: string;
  /** Casebook's own temporary folder, on this machine. */
  readonly temporary: string;
  readonly child: ChildProcess;
  /** The ssh that holds the connection. */
  master(): number;
  end(): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
  events(): Promise<readonly Event[]>;
  level(): Promise<string>;
}

/** Starts a run behind SSH and returns when it waits in its innermost step. */
export async function waiting(sshd: Sshd, text = runbook, allow = "perturb"): Promise<Going> {
  const folder = await scratch();
  const file = join(folder, "program.conf");
  const temporary = join(folder, "temporary");
  await mkdir(temporary);
  await writeFile(file, before, { mode: 0o640 });
  await writeFile(join(folder, "test.yaml"), text(file));
  const { mark, env } = marked();
  const args = [cli(), "run", "test.yaml", "--host", "ssh://box", "--allow", allow, "--out", "case"];
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1", TMPDIR: temporary, ...sshd.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      if (/→ +waits/.test(stderr)) resolve();
    });
    child.once("exit", () => reject(new Error(stderr)));
  });
  return {
    folder,
    file,
    mark,
    temporary,
    child,
    master() {
      const all = childrenOf(child.pid ?? 0);
      const found = all.find((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("ControlMaster=yes"));
      if (found === undefined) throw new Error("no ssh holds the connection");
      return found;
    },
    async end() {
      await ended;
      return { code: child.exitCode, stdout, stderr };
    },
    async events() {
      const text = await readFile(join(folder, "case/journal.ndjson"), "utf8");
      return text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as Event);
    },
    level: () => readFile(file, "utf8"),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** What every loss has in common that can be made good by connecting again. */
export async function expectMadeGood(run: Going): Promise<void> {
  const { code, stdout, stderr } = await run.end();
  expect(code, stderr).toBe(3);
  expect(stderr).toMatch(/✗ connection to ssh:\/\/box lost/);
  expect(stdout).toMatch(/the connection to ssh:\/\/box was lost/);
  const events = await run.events();
  const types = events.map(({ type }) => type);
  expect(types.filter((type) => type === "target-lost")).toHaveLength(1);
  expect(types.filter((type) => type === "target-connected")).toHaveLength(2);
  for (const step of ["waits", "louder", "program"]) {
    const finished = events.find((event) => event.type === "step-finished" && event.step === step);
    expect(finished).toMatchObject({ outcome: "failed", reason: expect.stringContaining("was lost") });
  }
  const undone = events.flatMap((event) => (event.type === "change-undone" ? [event.state] : []));
  expect(undone).toHaveLength(2);
  expect(undone).not.toContain("cannot");
  expect(await run.level()).toBe(before);
  expect(await processesGone(run.mark)).toEqual([]);
  const report = await readFile(join(run.folder, "case/report.md"), "utf8");
  expect(report).toMatch(/connection lost/);
}
