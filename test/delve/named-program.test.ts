import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findByName, waitForName } from "../../src/delve/program/named-program.js";
import { StepFailure } from "../../src/model/step-kind.js";
import { scratch } from "../support/scratch.js";
import { type Bench, createBench } from "../support/step-context.js";

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(async () => await bench[Symbol.asyncDispose]());

/** The kernel tells neither of these from the other, nor from those of another run of the tests with the same beginning. */
const name = `named-program-${process.pid}-one`;
const alike = `named-program-${process.pid}-two`;

const find = (wanted: string) => findByName(bench.target, wanted, AbortSignal.timeout(20_000));

async function refusal(wanted: string): Promise<string> {
  const error = await find(wanted).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(StepFailure);
  const { message, remedy } = error as StepFailure; // just seen
  return `${message}; ${remedy}`;
}

/** A program of this name that only sleeps. */
async function sleeping(called: string) {
  const path = join(await scratch(), called);
  await copyFile("/bin/sleep", path);
  const child = spawn(path, ["300"], { stdio: "ignore" });
  await once(child, "spawn");
  return {
    pid: child.pid ?? 0,
    path,
    async [Symbol.asyncDispose]() {
      const ended = once(child, "exit");
      child.kill();
      await ended;
    },
  };
}

test("of two programs whose names the kernel cuts to the same the one that is meant is found", async () => {
  await using other = await sleeping(alike);
  expect(await refusal(name)).toContain(
    `found none: called otherwise behind its first 15 bytes is ${other.pid} (${other.path} 300); attach by the pid`,
  );
  const awaited = waitForName(bench.target, name, AbortSignal.timeout(20_000));
  await using meant = await sleeping(name);
  expect(await awaited).toBe(meant.pid);
  expect(await find(name)).toBe(meant.pid);
  expect(await find(alike)).toBe(other.pid);
});

test("a path is no name, and says so", async () => {
  expect(await refusal("/usr/bin/nowhere-at-all")).toContain(
    "did you mean nowhere-at-all?; a process has a name without",
  );
});

test("waiting in vain says for what", async () => {
  const waiting = waitForName(bench.target, name, AbortSignal.timeout(200));
  await expect(waiting).rejects.toThrow(`no process with the name ${name} was seen`);
});
