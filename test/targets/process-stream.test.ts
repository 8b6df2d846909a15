import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { ProcessStream } from "../../src/targets/process-stream.js";

test("who reads slowly gets all that a process printed before it ended", async () => {
  const stream = new ProcessStream(spawn("head", ["-c", "300000", "/dev/zero"]));
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    await sleep(50);
  }
  expect(bytes).toBe(300_000);
});

test("a program that is not there ends like one that has gone", async () => {
  let bytes = 0;
  const child = spawn(join("/", "casebook-no-such-program"));
  child.on("error", () => {});
  for await (const chunk of new ProcessStream(child)) bytes += chunk.length;
  expect(bytes).toBe(0);
});
