import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pidsByName } from "../../src/linux/by-name.js";
import { identify, isRunning } from "../../src/linux/identity.js";
import { processes } from "../../src/steps/processes/index.js";
import { type Bench, createBench } from "../support/step-context.js";

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(async () => await bench[Symbol.asyncDispose]());

const marker = `marker-${process.pid}-é`;

test("a process is found by pid, by name and by its command line", async () => {
  const began = Date.now();
  const child = spawn("sleep", ["60"], { argv0: `sl eep\n${marker}` });
  await once(child, "spawn");
  const row = {
    pid: child.pid,
    ppid: process.pid,
    user: "root",
    name: "sleep",
    command: `sl eep\n${marker} 60`,
    state: "sleeping",
    cpu_seconds: expect.any(Number),
    rss_bytes: expect.any(Number),
    started_at: expect.any(Date),
    executable: expect.stringMatching(/\/sleep$|coreutils/),
  };
  const byPid = await bench.observe(processes, { pid: child.pid ?? 0 });
  expect(byPid.result.processes).toEqual([row]);
  const [found] = byPid.result.processes as { started_at: Date }[];
  expect(Math.abs((found?.started_at.getTime() ?? 0) - began)).toBeLessThan(2000);
  expect((await bench.observe(processes, { matching: `${marker} \\d+$` })).result.processes).toEqual([row]);
  expect((await bench.observe(processes, { name: "sleep", matching: marker })).result.processes).toEqual([row]);
  expect((await bench.observe(processes, { name: "slee", matching: marker })).result.processes).toEqual([]);
  expect(await pidsByName(bench.target, "sleep", AbortSignal.timeout(30_000))).toContain(child.pid);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect((await bench.observe(processes, { pid: child.pid ?? 0 })).result.processes).toEqual([]);
});

test("what casebook runs to read the processes is not among them", async () => {
  const { result } = await bench.observe(processes, {});
  const rows = result.processes as { command: string; pid: number; ppid: number }[];
  expect(rows.some(({ pid }) => pid === process.pid)).toBe(true);
  // Other tests look at processes at the same time: only what descends from this one is ours.
  const ours = rows.filter(({ ppid }) => ppid === process.pid);
  expect(ours.filter(({ command }) => /=== casebook:|^cat \/proc/.test(command))).toEqual([]);
});

test("a result survives the journal", async () => {
  const { result } = await bench.observe(processes, { pid: process.pid });
  expect(processes.result.parse(JSON.parse(JSON.stringify(result)))).toEqual(result);
});

test("an identity holds for the very process only", async () => {
  const signal = AbortSignal.timeout(30_000);
  const own = await identify(bench.target, process.pid, signal);
  expect(own).toMatchObject({ pid: process.pid, startTicks: expect.stringMatching(/^\d+$/) });
  if (own === null) throw new Error("unreachable: it was just matched");
  expect(await isRunning(bench.target, own, signal)).toBe(true);
  expect(await isRunning(bench.target, { ...own, startTicks: "1" }, signal)).toBe(false);
  expect(await isRunning(bench.target, { ...own, bootId: "another" }, signal)).toBe(false);
  expect(await identify(bench.target, 999_999_999, signal)).toBeNull();
});

test("a zombie has ended", async () => {
  // The shell's child ends, and sleep, which the shell becomes, never asks for it.
  const child = spawn("sh", ["-c", "sh -c 'echo $$; exit 0' & exec sleep 60"], { stdio: ["ignore", "pipe", "ignore"] });
  const [line] = await once(child.stdout, "data");
  const pid = Number(String(line).trim());
  const signal = AbortSignal.timeout(30_000);
  await expect.poll(async () => await identify(bench.target, pid, signal)).toBeNull();
  expect((await bench.observe(processes, { pid })).result.processes).toMatchObject([{ pid, state: "zombie" }]);
  child.kill("SIGKILL");
});
