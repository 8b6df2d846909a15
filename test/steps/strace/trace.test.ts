import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { Json } from "../../../src/model/json.js";
import type { ValueObject } from "../../../src/model/value.js";
import { strace } from "../../../src/steps/strace/index.js";
import type { StraceResult } from "../../../src/steps/strace/spec.js";
import { scratch } from "../../support/scratch.js";
import { createBench } from "../../support/step-context.js";
import { needs } from "../../support/tools.js";

beforeEach((context) => needs(context, "strace"));

const asResult = (value: ValueObject): StraceResult => strace.result.parse(value) as unknown as StraceResult; // as declared

const field = (pid: number, name: string): string =>
  new RegExp(`^${name}:\\t(.*)$`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "";

/** `cat`, which reads what is written to it: its calls are known. */
function startCat(): { readonly child: ChildProcess; readonly pid: number; say(text: string): Promise<void> } {
  const child = spawn("cat", { stdio: ["pipe", "pipe", "ignore"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const { pid, stdin, stdout } = child;
  if (pid === undefined) throw new Error("cat was not started");
  return {
    child,
    pid,
    say: async (text) => {
      const echoed = new Promise((resolve) => stdout.once("data", resolve));
      stdin.write(text);
      await echoed;
    },
  };
}

describe("a process that runs", () => {
  it("is traced while `during` runs, and by nobody afterwards", async () => {
    await using bench = await createBench();
    const cat = startCat();
    const done = await bench.use(strace, { pid: cat.pid, calls: ["read", "write"] }, async ({ value, announced }) => {
      expect(value).toEqual({ pid: cat.pid, pids: [cat.pid] });
      expect(Number(field(cat.pid, "TracerPid"))).toBeGreaterThan(0);
      expect(announced[0]?.what).toBe(`attached strace to process ${cat.pid}`);
      await cat.say("GET /hahaha\n");
    });
    expect(field(cat.pid, "TracerPid")).toBe("0");
    expect(field(cat.pid, "State")).toMatch(/^S/);
    expect(done.undone).toMatchObject([{ state: "undone", how: expect.stringContaining("traced by nobody") }]);
    const { calls, summary, count, truncated, ends } = asResult(done.result);
    const written = calls.find((call) => call.name === "write");
    expect(written).toMatchObject({ pid: cat.pid, result: 12, error: null });
    expect(written?.text).toMatch(/^write\(1<.*>, "GET \/hahaha\\n", 12\) = 12 <\d\.\d+>$/);
    expect(written?.args).toHaveLength(3);
    expect(Math.abs(Date.now() - (written?.at?.getTime() ?? 0))).toBeLessThan(20_000);
    expect(summary.find((row) => row.name === "write")).toMatchObject({ calls: 1, errors: 0 });
    expect([count, truncated, ends]).toEqual([calls.length, false, []]);
    await cat.say("still alive\n");
  });

  it("may end meanwhile: its last calls and its end are kept", async () => {
    await using bench = await createBench();
    const cat = startCat();
    const done = await bench.use(strace, { pid: cat.pid }, async ({ broken }) => {
      await cat.say("x\n");
      const ended = new Promise((resolve) => cat.child.on("exit", resolve));
      cat.child.kill("SIGKILL");
      await ended;
      await expect(Promise.race([broken, new Promise((resolve) => setTimeout(resolve, 300, "fine"))])).resolves.toBe(
        "fine",
      );
    });
    expect(done.undone).toMatchObject([{ how: expect.stringContaining(`process ${cat.pid} has ended`) }]);
    expect(asResult(done.result).ends).toMatchObject([{ pid: cat.pid, code: null, signal: "SIGKILL" }]);
  });

  it("goes on when strace is killed, and that breaks the step", async () => {
    await using bench = await createBench();
    const cat = startCat();
    const done = await bench.use(strace, { pid: cat.pid }, async ({ broken }) => {
      await cat.say("before\n");
      process.kill(Number(field(cat.pid, "TracerPid")), "SIGKILL");
      await expect(broken).resolves.toMatch(/^strace ended with SIGKILL while process \d+ went on/);
    });
    await cat.say("after\n");
    expect(done.undone).toMatchObject([{ state: "was-undone" }]);
    expect(asResult(done.result).calls.some((call) => String(call.text).includes("before"))).toBe(true);
  });

  it("is left early with `for`", async () => {
    await using bench = await createBench();
    const cat = startCat();
    const done = await bench.use(strace, { pid: cat.pid, for: "200ms" }, async ({ broken }) => {
      await cat.say("early\n");
      await expect.poll(() => field(cat.pid, "TracerPid")).toBe("0");
      await cat.say("late\n");
      await expect(Promise.race([broken, new Promise((resolve) => setTimeout(resolve, 200, "fine"))])).resolves.toBe(
        "fine",
      );
    });
    const texts = asResult(done.result).calls.map((call) => String(call.text));
    expect(texts.some((text) => text.includes("early"))).toBe(true);
    expect(texts.some((text) => text.includes("late"))).toBe(false);
  });

  it("is found by its name, every one of them", async () => {
    await using bench = await createBench();
    const folder = await scratch();
    const name = `twin${process.pid}`;
    const program = join(folder, name);
    execFileSync("cp", ["/usr/bin/sleep", program]);
    const twins = [1, 2].map(() => spawn(program, ["60"], { stdio: "ignore" }));
    onTestFinished(() => twins.forEach((twin) => void twin.kill("SIGKILL")));
    await expect.poll(() => twins.map((twin) => field(twin.pid ?? 0, "Name"))).toEqual([name, name]);
    await bench.use(strace, { process: name }, async ({ value }) => {
      expect(value).toMatchObject({ pid: null, pids: twins.map((twin) => twin.pid) });
      for (const twin of twins) expect(Number(field(twin.pid ?? 0, "TracerPid"))).toBeGreaterThan(0);
    });
    for (const twin of twins) expect(field(twin.pid ?? 0, "TracerPid")).toBe("0");
  });
});

describe("strace that cannot attach", () => {
  const opening = async (written: Json) => {
    await using bench = await createBench();
    await bench.use(strace, written, async () => {});
  };

  it("says that there is no such process", async () => {
    await expect(opening({ pid: 4_194_300 })).rejects.toThrow("expected a process with pid 4194300, found none");
    await expect(opening({ process: "no-such-name" })).rejects.toThrow(
      "expected a process named no-such-name, found none",
    );
  });

  it("says who traces the process already", async () => {
    const cat = startCat();
    const other = spawn("strace", ["-o", "/dev/null", "-p", String(cat.pid)], { stdio: "ignore" });
    onTestFinished(() => void other.kill("SIGKILL"));
    await expect.poll(() => field(cat.pid, "TracerPid")).toBe(String(other.pid));
    await expect(opening({ pid: cat.pid })).rejects.toMatchObject({
      message: expect.stringContaining(`strace (process ${other.pid}) traces it already`),
      remedy: expect.stringContaining("detach"),
    });
  });

  it("says what strace says about a call it does not know", async () => {
    const cat = startCat();
    await expect(opening({ pid: cat.pid, calls: ["frobnicate"] })).rejects.toThrow(/invalid system call 'frobnicate'/);
    expect(field(cat.pid, "TracerPid")).toBe("0");
  });
});

describe("a program that is started to be traced", () => {
  let folder = "";
  let busy = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "strace-busy-"));
    busy = join(folder, "busy");
    execFileSync("gcc", ["-O1", "-pthread", "-o", busy, "test/fixtures/strace/busy.c"]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("is traced from its execve to its end, all threads of it", async () => {
    await using bench = await createBench();
    const done = await bench.observe(strace, { command: [busy, "100"] });
    const { calls, summary, count, ends } = asResult(done.result);
    expect(calls[0]?.text).toMatch(/^execve\("[^"]*busy", \["[^"]*busy", "100"\]/);
    const counted = (name: string) => summary.find((row) => row.name === name);
    expect(counted("getppid")).toMatchObject({ calls: 800, errors: 0 });
    expect(counted("access")?.errors).toBeGreaterThanOrEqual(800);
    expect(summary.reduce((sum, row) => sum + row.calls, 0)).toBe(count);
    expect(ends).toHaveLength(9);
    expect(ends.every((end) => end.code === 0)).toBe(true);
    expect(done.undone.every((undone) => undone.state === "was-undone")).toBe(true);
  });

  it("shows the calls that were asked for and no others", async () => {
    await using bench = await createBench();
    const done = await bench.observe(strace, { command: `${busy} 10; :`, calls: ["getppid"] });
    expect(new Set(asResult(done.result).calls.map((call) => call.name))).toEqual(new Set(["getppid"]));
    expect(done.result.count).toBeGreaterThanOrEqual(80);
  });

  it("lists the two ends of very many calls, with a gap that reads as cut, and counts all", async () => {
    await using bench = await createBench();
    const done = await bench.observe(strace, { command: [busy, "1500"], calls: ["getppid", "access"] });
    const { calls, summary, count, truncated } = asResult(done.result);
    expect(summary.find((row) => row.name === "getppid")?.calls).toBe(12_000);
    expect([calls.length, truncated]).toEqual([10_001, true]);
    expect(calls[5000]?.text).toHaveProperty("omittedBytes");
    expect(calls[5000]?.args).toEqual([`… ${count - 10_000} calls left out …`]);
  });

  it("is ended with the step when it does not end by itself", async () => {
    await using bench = await createBench();
    const done = await bench.use(strace, { command: ["sleep", "60"] }, async ({ value }) => {
      await expect.poll(() => field(Number(value.pid), "Name")).toBe("sleep");
    });
    expect(done.undone).toMatchObject([{ state: "undone" }, { state: "undone" }]);
  });

  it("that is not there fails the step", async () => {
    await using bench = await createBench();
    await expect(bench.observe(strace, { command: ["/no/such/program"] })).rejects.toThrow(/could not be started/);
  });
});
