import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { appendFile, copyFile, readFile, rename, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { casebook, runText } from "../support/casebook.js";
import { marked, processesGone } from "../support/processes.js";
import { startCasebook } from "../support/running.js";
import { isRunning, processWithPid } from "../support/same-pid.js";
import { scratch } from "../support/scratch.js";
import { needs } from "../support/tools.js";

/** Disks are slow when they are full, and a machine may be busy. */
const patience = { timeout: 180_000 };

const head = "casebook: 1\ntitle: Instruments\nsteps:\n";

const tracerOf = (pid: number): string =>
  /^TracerPid:\t(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "";

function startProgram(...argv: readonly string[]): ChildProcess & { readonly pid: number } {
  const child = spawn(argv[0] ?? "", argv.slice(1), { stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  if (child.pid === undefined) throw new Error(`${argv[0]} was not started`);
  return Object.assign(child, { pid: child.pid });
}

describe("a tracer", () => {
  beforeEach((context) => needs(context, "strace"));

  const traced = (pid: number, inside: string): string => `${head}
  - id: calls
    strace: { pid: ${pid} }
    during:
      - { id: inside, run: '${inside}', risk: perturb }
      - { id: later, run: sleep 0.3 }
`;

  test("that somebody kills ends its step, which keeps what was recorded; the program runs on", patience, async () => {
    const program = startProgram("sh", "-c", "while :; do sleep 0.1; done");
    const ran = await runText(
      traced(program.pid, `sleep 0.2; kill -9 $(grep -oP "TracerPid:.\\K.*" /proc/${program.pid}/status)`),
      ["--allow", "perturb"],
    );
    expect(ran.code, ran.stderr).toBe(3);
    expect(ran.finished("calls").reason).toMatch(/strace ended with SIGKILL while process \d+ went on/);
    const recorded = ran.of("captured").find(({ step, stream }) => step === "calls" && stream === "calls");
    expect(recorded?.evidence.bytes).toBeGreaterThan(100);
    expect(ran.of("change-undone")).toMatchObject([{ state: "was-undone" }]);
    expect(tracerOf(program.pid)).toBe("0");
    expect(program.exitCode).toBeNull();
  });

  test("whose process dies is content; a later process with its pid is left alone", patience, async (context) => {
    const program = startProgram("sleep", "60");
    const cwd = await scratch({
      "a.yaml": traced(program.pid, "while kill -0 $(cat pid) 2>/dev/null; do sleep 0.05; done; sleep 1"),
    });
    writeFileSync(join(cwd, "pid"), String(program.pid));
    const running = startCasebook(["run", "a.yaml", "--allow", "perturb", "--out", "case"], cwd);
    await running.says("inside");
    program.kill("SIGKILL");
    await new Promise((resolve) => program.on("exit", resolve));
    const later = processWithPid(program.pid);
    if (later === null) return context.skip("this kernel does not let root choose the next pid");
    onTestFinished(() => void later.kill("SIGKILL"));
    running.child.kill("SIGTERM");
    const ended = await running.ended;
    expect(ended.code, ended.stderr).toBe(143);
    expect(ended.stderr).toContain(`put back: strace has ended; process ${program.pid} has ended`);
    expect(isRunning(program.pid)).toBe(true);
    expect(tracerOf(program.pid)).toBe("0");
    expect(await readFile(join(cwd, "case/report.md"), "utf8")).toContain("Ended while traced");
  });

  test("goes before the program that was started for it, the last change first", async () => {
    const ran = await runText(
      `${head}  - { id: calls, strace: { command: [sleep, "60"] }, during: [{ id: inside, run: "exit 1" }] }\n`,
      ["--allow", "perturb"],
    );
    expect(ran.code, ran.stderr).toBe(3);
    expect(ran.of("change-announced").map(({ change, what }) => [change, what.split(" ")[0]])).toEqual([
      [1, "started"],
      [2, "attached"],
    ]);
    expect(ran.of("change-undone").map(({ change, state }) => [change, state])).toEqual([
      [2, "undone"],
      [1, "undone"],
    ]);
  });

  test("that cannot attach says why, and nothing is left of it", async () => {
    const program = startProgram("sleep", "60");
    const other = startProgram("strace", "-o", "/dev/null", "-p", String(program.pid));
    await expect.poll(() => tracerOf(program.pid)).toBe(String(other.pid));
    const { mark, env } = marked();
    const ran = await runText(traced(program.pid, "true"), ["--allow", "perturb"], { env });
    expect(ran.code, ran.stderr).toBe(3);
    expect(ran.stdout).toMatch(/why: .*strace \(process \d+\) traces it already/);
    expect(ran.stdout).toMatch(/to do: detach strace/);
    expect(tracerOf(program.pid)).toBe(String(other.pid));
    expect(await processesGone(mark)).toEqual([]);
  });
});

describe("a full disk", () => {
  async function smallDisk(): Promise<string> {
    const folder = await scratch();
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", folder]);
    onTestFinished(() => void execFileSync("umount", [folder]));
    return folder;
  }

  test("ends a trace, detaches, and puts back what was changed around it", patience, async (context) => {
    needs(context, "strace");
    const small = await smallDisk();
    const program = startProgram("sh", "-c", "while :; do :; echo >/dev/null; done");
    const cwd = await scratch({
      "app.conf": "level=info\n",
      "a.yaml": `${head}
  - id: louder
    log_level: { file: { path: ./app.conf, pattern: "^level=(.*)$" }, to: debug }
    during:
      - id: calls
        strace: { pid: ${program.pid} }
        during: [{ id: waits, run: sleep 60 }]
`,
    });
    const ran = await casebook(["run", "a.yaml", "--allow", "perturb", "--out", join(small, "case")], { cwd });
    expect(ran.code, ran.stderr).toBe(3);
    expect(ran.stdout + ran.stderr).toMatch(/full|space/);
    expect(tracerOf(program.pid)).toBe("0");
    expect(await readFile(join(cwd, "app.conf"), "utf8")).toBe("level=info\n");
  });

  test("ends the run before anything more is changed", patience, async () => {
    const small = await smallDisk();
    const cwd = await scratch({
      "app.conf": "level=info\n",
      "a.yaml": `${head}
  - { id: fills, run: 'head -c 100m /dev/zero >"$small/fill"; true', env: { small: "${small}" }, risk: perturb }
  - { id: more, run: 'i=0; while [ $i -lt 400 ]; do printf %01000d $i; i=$((i+1)); done' , on_fail: continue }
  - id: louder
    log_level: { file: { path: ./app.conf, pattern: "^level=(.*)$" }, to: debug }
    during: [{ id: inside, run: cat app.conf }]
`,
    });
    const ran = await casebook(["run", "a.yaml", "--allow", "perturb", "--out", join(small, "case")], { cwd });
    expect(ran.code, ran.stderr).toBe(3);
    expect(ran.stderr).not.toContain("inside");
    expect(await readFile(join(cwd, "app.conf"), "utf8")).toBe("level=info\n");
  });
});

test(
  "a log that is rotated, deleted and truncated while it is followed loses nothing that could be had, and says the rest",
  patience,
  async () => {
    const cwd = await scratch({
      "app.log": "old, and long enough\n",
      "a.yaml": `${head}
  - id: logged
    log: { file: ./app.log, follow: true }
    during: [{ id: inside, run: "until [ -e done ]; do sleep 0.05; done" }]
`,
    });
    const file = join(cwd, "app.log");
    const pause = () => new Promise((resolve) => setTimeout(resolve, 600));
    const running = startCasebook(["run", "a.yaml", "--out", "case"], cwd);
    await running.says("inside");
    await appendFile(file, "one\n");
    await rename(file, `${file}.1`);
    await appendFile(`${file}.1`, "two\n");
    await appendFile(file, Buffer.from([0x74, 0x00, 0xff, 0x0a])); // binary, in a new file
    await pause();
    await rm(file);
    await appendFile(file, `three, longer than what follows ${"x".repeat(100)}\n`);
    await pause();
    await copyFile(file, `${file}.2`);
    await truncate(file);
    await appendFile(file, "four\n");
    await pause();
    await appendFile(join(cwd, "done"), "");
    const ended = await running.ended;
    expect(ended.code, ended.stderr).toBe(0);
    const report = JSON.parse(await readFile(join(cwd, "case/report.json"), "utf8")) as { steps: readonly unknown[] };
    const shown = JSON.stringify(report.steps);
    for (const line of ["one", "two", "three, longer", "four"]) expect(shown).toContain(line);
    expect(shown).toContain("the file was truncated while it was read");
    expect(await readFile(join(cwd, "case/evidence/01-logged.lines"))).toContain(0xff);
  },
);
