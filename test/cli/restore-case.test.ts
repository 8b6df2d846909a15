import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { lockCase } from "../../src/journal/lock.js";
import type { Event } from "../../src/model/event.js";
import { casebook } from "../support/casebook.js";
import { startCasebook } from "../support/running.js";
import { scratch } from "../support/scratch.js";

const runbook = `casebook: 1
title: A level behind commands, as ann@example.org set it
steps:
  - id: louder
    log_level: { command: { get: cat ../level, set: 'echo "$level" > ../level' }, to: debug }
    during: [{ id: inside, run: sleep 60 }]
`;

/** A run that was killed while the level was another; the case is in `disk/case`, and commands work in `disk`. */
async function killedOn(mount: boolean, args: readonly string[] = []) {
  const cwd = await scratch({
    "a.yaml": runbook,
    level: "info\n",
    "disk/.keep": "",
    "redact.yaml": "mail: '\\w+@[\\w.]+'\n",
  });
  const disk = join(cwd, "disk");
  if (mount) {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=40m", "tmpfs", disk]);
    onTestFinished(() => void execFileSync("umount", ["--lazy", disk]));
  }
  const running = startCasebook(["run", "../a.yaml", "--allow", "perturb", "--out", "case", ...args], disk);
  await running.says("→   inside");
  running.child.kill("SIGKILL");
  await running.ended;
  const level = () => readFile(join(cwd, "level"), "utf8");
  expect(await level()).toBe("debug\n");
  return { disk, level, restore: () => casebook(["restore", "case"], { cwd: disk }) };
}

const mayMount = process.getuid?.() === 0;

test.skipIf(!mayMount)("what a run changed is put back although the disk is full", async () => {
  const { disk, level, restore } = await killedOn(true);
  expect(() =>
    execFileSync("dd", ["if=/dev/zero", `of=${join(disk, "fills")}`, "bs=1k"], { stdio: "ignore" }),
  ).toThrow();
  const restored = await restore();
  expect(restored.stdout).toMatch(/from info to debug: put back: .* read again: info$/m);
  expect(restored.code, restored.stderr).toBe(0);
  expect(await level()).toBe("info\n");
  expect(await casebook(["verify", "case"], { cwd: disk })).toMatchObject({ code: 0 });
});

test.skipIf(!mayMount)("a case that cannot be written says what stays changed, and exits 80", async () => {
  const { disk, level, restore } = await killedOn(true);
  execFileSync("mount", ["-o", "remount,ro", disk]);
  const refused = await restore();
  expect(refused.code).toBe(80);
  expect(refused.stdout).toMatch(
    /^log level .* from info to debug: NOT put back: .*case cannot be written \(EROFS\)$/m,
  );
  expect(refused.stdout.trimEnd().split("\n").at(-1)).toBe("casebook restore case");
  expect(await level()).toBe("debug\n");
  execFileSync("mount", ["-o", "remount,rw", disk]);
  expect(await restore()).toMatchObject({ code: 0 });
  expect(await level()).toBe("info\n");
});

test("the reports of a run with --redact leave out the same when restore writes them", async () => {
  const { disk, restore } = await killedOn(false, ["--redact", "../redact.yaml"]);
  await writeFile(join(disk, "../redact.yaml"), "other: x+\n");
  expect(await restore()).toMatchObject({ code: 0, stderr: "" });
  for (const format of ["md", "html", "json"]) {
    const report = await readFile(join(disk, "case", `report.${format}`), "utf8");
    expect(report, format).not.toContain("ann@");
    expect(report, format).toContain("redacted:mail");
  }
});

test("what was put back is told although the copy of the redactions is none any more", async () => {
  const { disk, level, restore } = await killedOn(false, ["--redact", "../redact.yaml"]);
  await writeFile(join(disk, "case/redact.yaml"), "mail: '('\n");
  const restored = await restore();
  expect(restored).toMatchObject({ code: 3, stdout: expect.stringMatching(/from info to debug: put back: /) });
  expect(restored.stderr).toContain("the reports are not written: --redact: case/redact.yaml has a mistake");
  expect(await level()).toBe("info\n");
});

test("a case that another command works on is told from one whose run goes on", async () => {
  const { disk, level, restore } = await killedOn(false);
  {
    await using _lock = await lockCase(join(disk, "case"));
    const refused = await restore();
    expect(refused).toMatchObject({ code: 64, stdout: "" });
    expect(refused.stderr).toBe(
      `casebook: case is in use by process ${process.pid}; end it first, or wait for its end\n`,
    );
  }
  expect(await restore()).toMatchObject({ code: 0 });
  expect(await level()).toBe("info\n");
});

test("a command of restore has a number that none of the run had", async () => {
  const { disk, restore } = await killedOn(false);
  expect(await restore()).toMatchObject({ code: 0 });
  const lines = (await readFile(join(disk, "case/journal.ndjson"), "utf8")).trimEnd().split("\n");
  const numbers = lines
    .map((line) => JSON.parse(line) as Event)
    .flatMap((event) => (event.type === "command-started" ? [event.command] : []));
  expect(numbers.length).toBeGreaterThan(4);
  expect(new Set(numbers).size).toBe(numbers.length);
});
