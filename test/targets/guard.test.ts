import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { guardProgram } from "../../src/targets/guard.js";
import { scratchSync } from "../support/scratch.js";

/** A guard with its registry, and what it is to end. */
function open() {
  const registry = join(scratchSync(), "registry");
  writeFileSync(registry, "");
  const guard = spawn("/bin/sh", ["-c", guardProgram, "guard", registry], { stdio: ["pipe", "ignore", "inherit"] });
  const left = once(guard, "exit");
  return {
    registry,
    add: (line: string) => appendFileSync(registry, `${line}\n`),
    async end(): Promise<number> {
      const since = performance.now();
      guard.stdin.end();
      await left;
      return performance.now() - since;
    },
  };
}

function group(script: string) {
  const child = spawn("/bin/sh", ["-c", script], { detached: true, stdio: ["ignore", "pipe", "ignore"] });
  const stat = readFileSync(`/proc/${child.pid}/stat`, "utf8").trim();
  const gone = once(child, "exit") as Promise<[number | null, string | null]>;
  return { pid: child.pid ?? 0, stat, gone, ready: once(child.stdout, "data") };
}

describe("the guard", () => {
  test("leaves at once when nothing is registered, and takes its folder along", async () => {
    const guard = open();
    expect(await guard.end()).toBeLessThan(3000);
    expect(existsSync(dirname(guard.registry))).toBe(false);
  });

  test("ends a registered group by its own signal", async () => {
    const guard = open();
    const child = group("trap 'exit 7' INT; echo up; while :; do sleep 0.05; done");
    await child.ready;
    guard.add(`+INT 50 1 ${child.stat}`);
    await guard.end();
    expect(await child.gone).toEqual([7, null]);
  });

  test("kills what outlives its grace, but never what must not be killed", async () => {
    const guard = open();
    const stubborn = group("trap '' TERM; echo up; while :; do sleep 0.05; done");
    const spared = group("trap 'sleep 1; exit 5' TERM; echo up; while :; do sleep 0.05; done");
    await Promise.all([stubborn.ready, spared.ready]);
    guard.add(`+TERM 3 1 ${stubborn.stat}`);
    guard.add(`+TERM 1 0 ${spared.stat}`);
    await guard.end();
    expect(await stubborn.gone).toEqual([null, "SIGKILL"]);
    expect(await spared.gone).toEqual([5, null]);
  });

  test("leaves a process alone that has another start time, and one that was taken off", async () => {
    const guard = open();
    const child = group("echo up; exec sleep 30");
    const done = group("echo up; exec sleep 30");
    await Promise.all([child.ready, done.ready]);
    const fields = child.stat.slice(child.stat.lastIndexOf(")") + 2).split(" ");
    fields[19] = "1";
    guard.add(`+TERM 1 1 ${child.pid} (sh) ${fields.join(" ")}`);
    guard.add(`+TERM 1 1 ${done.pid}`);
    guard.add(`-${done.pid}`);
    await guard.end();
    for (const { pid } of [child, done]) expect(process.kill(pid, 0)).toBe(true);
    for (const { pid, gone } of [child, done]) {
      process.kill(-pid, "SIGKILL");
      await gone;
    }
  });

  test("ends a process whose number was used before in the same run", async () => {
    const guard = open();
    const child = group("echo up; exec sleep 30");
    await child.ready;
    guard.add(`+TERM 1 1 ${child.pid}`);
    guard.add(`-${child.pid}`);
    guard.add(`+TERM 1 1 ${child.pid}`);
    await guard.end();
    expect(await child.gone).toEqual([null, "SIGTERM"]);
  });
});
