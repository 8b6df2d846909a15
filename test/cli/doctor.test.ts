import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { casebook } from "../support/casebook.js";
import { scratch } from "../support/scratch.js";
import { needs } from "../support/tools.js";

const runbook = (more = ""): string => `casebook: 1
title: Needs
inputs: { pid: { type: integer, optional: true } }
steps:
  - id: calls
    strace: { pid: "{{pid}}" }
    during: [{ run: "true" }]
${more}`;

/** A PATH with what every host has, and these. */
function pathWith(folder: string, ...tools: readonly string[]): string {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  for (const tool of ["cat", "ls", "grep", "head", "date", "sleep", "rm", "sh", "id", ...tools]) {
    symlinkSync(`/usr/bin/${tool}`, join(bin, tool));
  }
  return bin;
}

test("without a runbook it tells of every tool, right, disk and clock, and lacks are no failure", async () => {
  const cwd = await scratch();
  const { code, stdout } = await casebook(["doctor"], { cwd, env: { PATH: pathWith(cwd) } });
  expect(code, stdout).toBe(0);
  for (const part of ["\ntools\n", "\nrights\n", "\ndisk\n", "\nclock\n"]) expect(stdout).toContain(part);
  expect(stdout).toMatch(/△ limited {2}strace is missing \(records system calls\)\n {11}→ apt-get install strace/);
  expect(stdout).toMatch(/△ limited {2}dlv is missing.*\n {11}→ apt-get install delve/);
  expect(stdout).toMatch(/✓ ok {7}works as \S+ \(uid 0\)/);
  expect(stdout).toMatch(/may trace .*CAP_SYS_PTRACE/);
  expect(stdout).toMatch(/ MiB free at .*, where the case goes/);
  expect(stdout).toMatch(/What every runbook needs is there\n$/);
});

test("for a runbook it tells of what that needs, with versions", async (context) => {
  needs(context, "strace");
  const cwd = await scratch({ "a.yaml": runbook() });
  const { code, stdout } = await casebook(["doctor", "a.yaml"], { cwd });
  expect(code, stdout).toBe(0);
  expect(stdout).toMatch(/✓ ok {7}strace \(records system calls\): \/\S+\/strace, strace -- version \d/);
  expect(stdout).not.toContain("dlv");
  expect(stdout).toMatch(/What a\.yaml needs is there\n$/);
});

test("something needed that is missing ends with 69, each with its remedy, and so does a run before it starts", async () => {
  const cwd = await scratch({ "a.yaml": runbook("  - { log: { unit: cron.service } }\n") });
  const env = { PATH: pathWith(cwd) };
  const { code, stdout } = await casebook(["doctor", "a.yaml"], { cwd, env });
  expect(code, stdout).toBe(69);
  expect(stdout).toMatch(/✗ missing {2}strace is missing.*\n {11}→ apt-get install strace/);
  expect(stdout).toMatch(/✗ missing {2}journalctl is missing.*\n {11}→ apt-get install systemd/);
  expect(stdout).toMatch(/2 needed things are missing: nothing would run\n$/);

  const ran = await casebook(["run", "a.yaml", "--allow", "perturb", "-i", "pid=1", "--out", "case"], { cwd, env });
  expect(ran.code).toBe(69);
  expect(ran.stderr).toMatch(/strace is missing.*apt-get install strace/);
  expect(ran.stderr).toMatch(/journalctl is missing.*apt-get install systemd/);
  expect(ran.stdout).toBe("");
});

test("what is missing for a step whose failure is tolerated is told, and keeps nothing from running", async () => {
  const cwd = await scratch({ "a.yaml": runbook("    on_fail: continue\n") });
  const { code, stdout } = await casebook(["doctor", "a.yaml"], { cwd, env: { PATH: pathWith(cwd) } });
  expect(code, stdout).toBe(0);
  expect(stdout).toContain("△ limited  strace is missing");
});

test("a user whom one may not become, and a disk without space, are lacks", async () => {
  const cwd = await scratch({ "a.yaml": "casebook: 1\ntitle: T\nsteps: [{ run: id, become: no-such-user-here }]\n" });
  const small = join(cwd, "small");
  mkdirSync(small);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", small]);
  onTestFinished(() => void execFileSync("umount", [small]));
  const { code, stdout } = await casebook(["doctor", "a.yaml", "--out", small], { cwd });
  expect(code, stdout).toBe(69);
  expect(stdout).toMatch(
    /✗ missing {2}expected to become no-such-user-here through sudo -n.*unknown user.*\n {11}→ name a user that the host has/,
  );
  expect(stdout).toMatch(/✗ missing .*MiB free at .*small, where the case goes.*\n {11}→ /);
});

test("a host that is nowhere, a runbook that is wrong and one that is missing have their codes", async () => {
  const cwd = await scratch({ "a.yaml": "casebook: 1\n" });
  expect(await casebook(["doctor", "--host", "nowhere://x"], { cwd })).toMatchObject({ code: 64 });
  expect(await casebook(["doctor", "a.yaml"], { cwd })).toMatchObject({ code: 65 });
  expect(await casebook(["doctor", "none.yaml"], { cwd })).toMatchObject({ code: 64 });
});
