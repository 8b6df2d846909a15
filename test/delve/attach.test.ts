import { afterAll, beforeAll, expect, test } from "vitest";
import { runText } from "../support/casebook.js";
import { buildGo, type GoProgram } from "../support/go-program.js";
import { startCasebook } from "../support/running.js";
import { scratch } from "../support/scratch.js";
import { type ServedProgram, serveProgram, threadsOf } from "../support/served-program.js";

let program: GoProgram;
let served: ServedProgram;
beforeAll(async () => {
  program = await buildGo("random-port", { name: "kubelet" });
  served = await serveProgram(program);
});
afterAll(async () => {
  await served[Symbol.asyncDispose]();
  await program[Symbol.asyncDispose]();
});

const attached = (during: string, more = ""): string => `casebook: 1
title: A program that runs is debugged
steps:
  - id: session
    delve: { attach: ${served.pid}${more} }
    during:
${during}`;

test("a program that runs serves requests while Delve is attached, and is free afterwards", async () => {
  const ran = await runText(
    attached(`      - { id: before, http: { get: "http://127.0.0.1:${served.port}/healthz" } }
      - { id: looked, debug: [{ goroutines: { at: main.main, stack: 2 } }] }
      - { id: after, http: { get: "http://127.0.0.1:${served.port}/healthz" } }
      - { id: traced, run: "grep TracerPid /proc/${served.pid}/status" }
`),
    ["--allow", "disrupt"],
  );
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.finished("before").result).toMatchObject({ status: 200, body: "ok" });
  expect(ran.finished("after").result).toMatchObject({ status: 200, body: "ok" });
  expect(ran.finished("looked").result).toMatchObject({ goroutines: [{ id: 1 }], goroutine: null });
  expect(ran.finished("traced").result).not.toMatchObject({ stdout: "TracerPid:\t0" });
  expect(ran.finished("session").result).toMatchObject({ pid: served.pid });

  const order = ran.events.map((event) => event.type);
  expect(order.indexOf("change-announced")).toBeLessThan(order.indexOf("process-stopped"));
  const stopped = ran.of("process-stopped");
  expect(stopped.map((event) => event.why).slice(0, 2)).toEqual(["Delve attaches", "halted"]);
  expect(ran.of("process-resumed")).toHaveLength(stopped.length);
  expect(ran.of("change-undone")).toEqual([
    expect.objectContaining({
      state: "undone",
      how: expect.stringMatching(
        new RegExp(`^process ${served.pid} runs, TracerPid 0 in all \\d+ threads, state [SR]$`),
      ),
    }),
  ]);
  expect(threadsOf(served.pid).filter(({ tracer, state }) => tracer !== 0 || /[tT]/.test(state))).toEqual([]);
  expect(await served.healthz()).toBe("ok");
});

test("a stop that came between two steps is what continue comes to, and the program runs on after the last breakpoint is cleared", async () => {
  const url = `http://127.0.0.1:${served.port}/healthz`;
  const ran = await runText(
    attached(`      - debug: [break: main.routes.func1]
      - { id: asks, start: { command: [curl, -sS, "${url}"] }, during: [
          { id: stop, debug: [continue, args, { stack: 3 }] },
          { id: on, debug: [clear, continue] },
          { id: answered, log: { of: asks, contains: ok, wait: 5s } } ] }
`),
    ["--allow", "disrupt"],
  );
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.finished("stop").result).toMatchObject({
    location: { function: "main.routes.func1" },
    stack: [{ function: "main.routes.func1" }, {}, {}],
  });
  expect(ran.finished("answered").result).toMatchObject({ count: 1 });
  expect(ran.of("process-stopped").map((event) => event.why)).toContain("breakpoint at main.routes.func1");
  expect(await served.healthz()).toBe("ok");
});

test("a program that stood still for longer than allowed is let go of, and the step fails", async () => {
  const ran = await runText(attached("      - debug: [halt]\n      - run: sleep 60\n", ", max_stopped: 3s"), [
    "--allow",
    "disrupt",
  ]);
  expect(ran.code).toBe(3);
  expect(ran.finished("session").reason).toContain(
    "the program stood still for 3000 ms in all, which is what max_stopped allows",
  );
  const total = ran.of("process-resumed").reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  expect(total).toBeGreaterThanOrEqual(3000);
  expect(total).toBeLessThan(4500);
  expect(await served.healthz()).toBe("ok");
});

test("while casebook is frozen the program is let go of, and the step fails when it goes on", async () => {
  const folder = await scratch({ "frozen.yaml": attached("      - debug: [halt]\n      - run: sleep 60\n") });
  const { child, says, ended } = startCasebook(["run", "frozen.yaml", "--allow", "disrupt", "--out", "case"], folder);
  await says("stands still: halted");
  child.kill("SIGSTOP");
  const since = performance.now();
  while (threadsOf(served.pid).some(({ tracer }) => tracer !== 0)) {
    expect(performance.now() - since).toBeLessThan(9000);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(await served.healthz()).toBe("ok");
  child.kill("SIGCONT");
  const { code, stderr } = await ended;
  expect(code, stderr).toBe(3);
  expect(stderr).toContain("Delve left, so the debugging session is over");
});
