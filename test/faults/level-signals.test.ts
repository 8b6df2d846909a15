import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { casebook, cli } from "../support/casebook.js";
import { scratch } from "../support/scratch.js";
import { needs } from "../support/tools.js";

/** Counts SIGUSR1 up and SIGUSR2 down, and says each level. At the first SIGUSR1 it kills whoever is named in a file. */
const program = `
import os, signal
both = {signal.SIGUSR1, signal.SIGUSR2}
for one in both: signal.signal(one, lambda *_: None)
signal.pthread_sigmask(signal.SIG_BLOCK, both)
level = 0
print(level, flush=True)
while True:
    up = signal.sigwait(both) == signal.SIGUSR1
    level += 1 if up else -1
    if up and os.path.exists("victim"):
        os.kill(int(open("victim").read()), signal.SIGKILL)
        os.remove("victim")
    print(level, flush=True)
`;

const runbook = (pid: number | undefined): string => `casebook: 1
title: A level that can only be counted
steps:
  - log_level: { signal: { pid: ${pid}, up: USR1, down: USR2 }, to: 3, was: 0 }
    during: [{ run: "true" }]
`;

test("of the signals that turn a level up, just those that were sent before a crash are taken back", async (context) => {
  needs(context, "python3");
  const cwd = await scratch();
  const counter = spawn("python3", ["-c", program], { cwd, stdio: ["ignore", "pipe", "inherit"] });
  const levels = createInterface({ input: counter.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => (await levels.next()).value;
  expect(await next()).toBe("0");
  await writeFile(join(cwd, "test.yaml"), runbook(counter.pid));

  const args = ["run", "test.yaml", "--allow", "perturb", "--out"];
  const child = spawn(process.execPath, [cli(), ...args, "killed"], { cwd, stdio: "ignore" });
  const killed = once(child, "exit");
  await writeFile(join(cwd, "victim"), String(child.pid));
  expect(await killed).toEqual([null, "SIGKILL"]);
  expect(await next()).toBe("1");
  const restored = await casebook(["restore", "killed"], { cwd });
  expect(restored.code, restored.stdout).toBe(0);
  expect(restored.stdout).toMatch(
    /^log level of process \d+ from 0 to 3, by 3 × SIGUSR1: put back: .* took 1 × SIGUSR2/,
  );
  expect(await next()).toBe("0");
  expect((await casebook(["restore", "killed"], { cwd })).stdout).toBe("Nothing was left to put back.\n");

  const whole = await casebook([...args, "whole"], { cwd });
  expect(whole.code, whole.stderr).toBe(0);
  counter.kill();
  const seen: string[] = [];
  for await (const level of levels) seen.push(level);
  expect(seen).toEqual(["1", "2", "3", "2", "1", "0"]);
});
