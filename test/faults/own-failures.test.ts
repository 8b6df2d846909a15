import { execFileSync, spawn, spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { readFile, watch } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { lastLineOf } from "../../src/commands/running/last-line.js";
import { readJournal } from "../../src/journal/read.js";
import { Journal } from "../../src/journal/write.js";
import type { Event, EventBody } from "../../src/model/event.js";
import type { OpenStep } from "../../src/progress/open-steps.js";
import { casebook, cli, type Ran } from "../support/casebook.js";
import { startCasebook } from "../support/running.js";
import { scratch } from "../support/scratch.js";
import { needs } from "../support/tools.js";

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

/** A disk of its own in a folder, with a limit of tmpfs. */
function mountIn(cwd: string, limit: string): string {
  const disk = join(cwd, "disk");
  mkdirSync(disk);
  execFileSync("mount", ["-t", "tmpfs", "-o", limit, "tmpfs", disk]);
  onTestFinished(() => void execFileSync("umount", [disk]));
  return disk;
}

/** Resolves when a level is as it was. */
async function levelSet(cwd: string, name: string): Promise<void> {
  for await (const _ of watch(cwd)) if (readFileSync(join(cwd, name), "utf8") === "info\n") return;
}

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

describe("evidence", () => {
  test("that is taken away fails its step", async () => {
    const cwd = await world("- id: first\n  run: rm -r case/evidence && echo x && echo y >&2\n- run: echo never");
    const ran = await casebook(args, { cwd });
    expect(ran.code, ran.stderr).toBe(3);
    expect(ran.stdout).toContain("evidence/02-first.stdout could not be read again (ENOENT)");
    expect(levelIn(cwd)).toBe("info\n");
    expect(leftovers(cwd)).toEqual([]);
  });

  test("on a disk that takes no more files fails its step", async () => {
    // Some files are made before they are wanted.
    const cwd = await world(
      "- run: 'i=0; while (: >disk/$i) 2>&-; do i=$((i + 1)); done'\n- { id: many, for_each: { n: [1, 2, 3, 4, 5] }, run: echo x; echo y >&2 }",
    );
    mountIn(cwd, "nr_inodes=60");
    const ran = await casebook([...args.slice(0, -1), "disk/case"], { cwd });
    expect(ran.code, ran.stderr).toBe(3);
    expect(ran.stdout).toMatch(/^why: .*evidence\/03-many\.round-\d\.std\w+ could not be made \(ENOSPC\)$/m);
    expect(levelIn(cwd)).toBe("info\n");
  });

  test("on a disk that tells nothing of its space is captured all the same", async () => {
    const fault = `const fs = require("node:fs");
fs.statfsSync = () => { throw Object.assign(new Error("stale"), { code: "ESTALE" }); };
require("node:module").syncBuiltinESMExports();
`;
    const cwd = await world("- id: large\n  run: head -c 20000000 /dev/zero; sleep 0.5");
    const ran = await casebook(args, { cwd, env: await broken(cwd, fault) });
    expect(ran.code, ran.stderr).toBe(0);
    expect(statSync(join(cwd, "case/evidence/02-large.stdout")).size).toBe(20_000_000);
  });

  test("that cannot be read is not shown as the last line of a step", async () => {
    const cwd = await scratch();
    mkdirSync(join(cwd, "evidence", "01-probe.stdout"), { recursive: true });
    const step = { step: "probe", ordinal: 1, around: null, iteration: null, attempt: 1 } as OpenStep;
    expect(lastLineOf(cwd, step)).toBeNull();
  });
});

test.each(["nr_inodes=3", "nr_inodes=7"])(
  "a disk with %s takes no case: nothing runs, and nothing is left",
  async (limit) => {
    const cwd = await world("- run: echo x");
    const disk = mountIn(cwd, limit);
    const ran = await casebook(["run", "a.yaml", "--allow", "perturb", "--out", "disk/case"], { cwd });
    expect(ran.code, ran.stderr).toBe(69);
    expect(ran.stderr).toContain("disk/case cannot be written (ENOSPC): give another place with --out DIR\n");
    expect(readdirSync(disk)).toEqual([]);
    expect(levelIn(cwd)).toBe("info\n");
  },
);

test("a journal on a full disk has whole lines only, also when there is room again", async () => {
  const disk = mountIn(await scratch(), "size=1m");
  const of = { step: "s", span: "s1", parent: null, iteration: null, attempt: 1 };
  const event = (why: string): EventBody => ({ type: "process-stopped", ...of, pid: 1, why });
  const journal = Journal.create(disk, () => new Date());
  let written = 0;
  const fill = (): void => {
    for (;;) {
      journal.append(event("x".repeat(3001)));
      written++;
    }
  };
  expect(fill).toThrow(/ENOSPC/);
  expect(journal.full).toBe(true);
  journal.append(event("short"));
  expect(fill).toThrow(/ENOSPC/);
  journal.close();
  const read: Event[] = [];
  for await (const one of readJournal(disk)) read.push(one);
  expect(read).toHaveLength(written + 1);
  expect((await readFile(join(disk, "journal.ndjson"), "utf8")).endsWith("\n")).toBe(true);
});

describe("a restore", () => {
  /** The case of a run that was killed while both levels were raised; setting a level back takes long. */
  async function killed(): Promise<string> {
    const set = `'echo "$level" >NAME; [ "$level" = debug ] || sleep 1'`;
    const level = (name: string): string =>
      `log_level: { command: { get: cat ${name}, set: ${set.replace("NAME", name)} }, to: debug }`;
    const cwd = await scratch({ outer: "info\n", inner: "info\n" });
    const nested = `casebook: 1
title: Nested
steps:
  - id: first
    ${level("outer")}
    during:
      - id: second
        ${level("inner")}
        during: [{ id: waits, run: sleep 60 }]
`;
    writeFileSync(join(cwd, "a.yaml"), nested);
    const running = startCasebook(args, cwd);
    await running.says("→     waits");
    running.child.kill("SIGKILL");
    await running.ended;
    return cwd;
  }

  const levels = (cwd: string): string =>
    ["outer", "inner"].map((name) => readFileSync(join(cwd, name), "utf8")).join("");

  test("that is interrupted finishes what it is at, tells what is left, and can be repeated", async () => {
    const cwd = await killed();
    const restoring = startCasebook(["restore", "case"], cwd);
    await levelSet(cwd, "inner");
    restoring.child.kill("SIGINT");
    await restoring.says("casebook: ending: what is being put back is finished, and what is left is told");
    restoring.child.kill("SIGINT");
    await restoring.says("casebook: still to be put back:\n");
    const ran = await restoring.ended;
    expect(ran.code, ran.stderr).toBe(80);
    expect(ran.stdout).toMatch(
      />inner;.*: put back: .*\n.*>outer;.* NOT put back: interrupted before it was begun\ncasebook restore case\n$/,
    );
    expect(levels(cwd)).toBe("debug\ninfo\n");
    expect(leftovers(cwd)).toEqual([]);
    expect(await casebook(["restore", "case"], { cwd })).toMatchObject({ code: 0 });
    expect(levels(cwd)).toBe("info\ninfo\n");
  });

  test("that is interrupted thrice leaves at once, with the command for the rest", async () => {
    const cwd = await killed();
    const restoring = startCasebook(["restore", "case"], cwd);
    await levelSet(cwd, "inner");
    for (const said of ["casebook: ending", "casebook: once more leaves", "casebook: left before"]) {
      restoring.child.kill("SIGTERM");
      await restoring.says(said);
    }
    expect(await restoring.ended).toMatchObject({ code: 80, stdout: "casebook restore case\n" });
  });
});

test("a case is not taken from a run that lives in another container", async (context) => {
  needs(context, "unshare");
  const cwd = await world("- { id: waits, run: sleep 60 }");
  const running = startCasebook(args, cwd);
  await running.says("→   waits");
  const command = ["-p", "--fork", "--mount-proc", process.execPath, cli(), "restore", "case"];
  const refused = spawnSync("unshare", command, { cwd, encoding: "utf8" });
  expect(refused.status, refused.stderr).toBe(64);
  expect(refused.stderr).toContain(
    `the run of case is still going on (process ${running.child.pid} in another container of this machine`,
  );
  expect(refused.stderr).toContain(`when it has gone for certain, remove ${join(cwd, "case", ".lock")}\n`);
  expect(levelIn(cwd)).toBe("debug\n");
  running.child.kill("SIGINT");
  expect(await running.ended).toMatchObject({ code: 130 });
  expect(levelIn(cwd)).toBe("info\n");
  expect(leftovers(cwd)).toEqual([]);
});

test("a disk that flushes nothing lets nothing be changed", async () => {
  const fault = `const fs = require("node:fs");
fs.fdatasyncSync = () => { throw Object.assign(new Error("EIO: i/o error, fdatasync"), { code: "EIO" }); };
require("node:module").syncBuiltinESMExports();
`;
  const cwd = await world("- run: cat level");
  const ran = await casebook(args, { cwd, env: await broken(cwd, fault) });
  expect(ran.code, ran.stderr).toBe(3);
  expect(ran.stderr).toContain("casebook: the journal lacks events: EIO: i/o error, fdatasync\n");
  expect(levelIn(cwd)).toBe("info\n");
  expect(leftovers(cwd)).toEqual([]);
});
