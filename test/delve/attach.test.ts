import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { casebook, runText } from "../support/casebook.js";
import { changedCode } from "../support/code-of.js";
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

const parentOf = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ")[1]);

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

test("a step that stands half done when casebook is silent leaves nothing in the program's code", async () => {
  const step = `      - debug: [break: "net/http.(*conn).readRequest", continue, step_out]\n`;
  const folder = await scratch({ "step.yaml": attached(step, ", max_stopped: 60s") });
  const running = startCasebook(["run", "step.yaml", "--allow", "disrupt", "--out", "case"], folder);
  await running.says("→   debug");
  // It comes to the breakpoint, and the step ends with a request, which does not come.
  await using idle = connect(served.port, "127.0.0.1");
  await once(idle, "connect");
  const standing = () => threadsOf(served.pid).some(({ state }) => state === "t");
  await expect.poll(standing, { interval: 5 }).toBe(true);
  let runs = 0;
  await expect.poll(() => (standing() ? (runs = 0) : ++runs), { interval: 20, timeout: 10_000 }).toBeGreaterThan(20);
  running.child.kill("SIGSTOP");
  await using second = connect(served.port, "127.0.0.1");
  await expect.poll(standing, { interval: 5 }).toBe(true);
  await expect.poll(() => threadsOf(served.pid).some(({ tracer }) => tracer !== 0), { timeout: 20_000 }).toBe(false);
  running.child.kill("SIGKILL");
  await running.ended;
  expect(changedCode(served.pid)).toEqual([]);
  second.end("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  expect(await text(second)).toContain("200 OK");
  idle.end("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  expect(await text(idle)).toContain("200 OK");
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
  expect(total).toBeLessThan(8000);
  expect(await served.healthz()).toBe("ok");

  const hardly = await runText(attached("      - debug: [stack]\n", ", max_stopped: 20ms"), ["--allow", "disrupt"]);
  expect(hardly.finished("session").reason).toMatch(
    /^Delve is not ready with .* yet, but the program stood still for 20 ms/,
  );
  // It stands all the same until Delve has loaded it, and how long that was is told.
  expect(hardly.of("process-resumed")).toEqual([expect.objectContaining({ pid: served.pid })]);
  expect(await served.healthz()).toBe("ok");
});

test("while casebook is frozen the program is let go of, and the step fails when it goes on", async () => {
  const folder = await scratch({ "frozen.yaml": attached("      - debug: [halt]\n      - run: sleep 60\n") });
  const { child, says, ended } = startCasebook(["run", "frozen.yaml", "--allow", "disrupt", "--out", "case"], folder);
  await says("stands still: halted");
  child.kill("SIGSTOP");
  const since = performance.now();
  while (threadsOf(served.pid).some(({ tracer }) => tracer !== 0)) {
    expect(performance.now() - since).toBeLessThan(20_000);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(await served.healthz()).toBe("ok");
  child.kill("SIGCONT");
  const { code, stderr } = await ended;
  expect(code, stderr).toBe(3);
  expect(stderr).toContain("Delve left, so the debugging session is over");
});

test("of very many goroutines the first are shown for a short stop, and a list that would take too long is given up", async () => {
  await using many = await serveProgram(program, ["-parked=10000"]);
  // The list of so many takes half a minute on a fast machine, its first page and the attach less than the limit on a slow one.
  await using far = await serveProgram(program, ["-parked=100000"]);
  const ran = await runText(
    `casebook: 1
title: Many goroutines
steps:
  - delve: { attach: ${many.pid}, max_stopped: 30s }
    during:
      - { id: few, debug: [goroutines: { limit: 25 }] }
      - { id: groups, debug: [goroutines: { group_by: startloc }] }
      - { id: filtered, debug: [goroutines: { with: startloc main.serve, limit: 5 }] }
  - id: short
    delve: { attach: ${far.pid}, max_stopped: 8s }
    on_fail: continue
    during:
      - debug: [goroutines: { at: main.main, stack: 50 }]
`,
    ["--allow", "disrupt"],
  );
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.finished("few").result).toMatchObject({ truncated: true, goroutines: { length: 25 } });
  expect(ran.finished("groups").result).toMatchObject({ truncated: false });
  const { groups } = ran.finished("groups").result as { groups: { name: string; count: number }[] }; // of the kind's schema
  expect(groups[0]).toMatchObject({ count: 10_000, name: expect.stringContaining("main.park") });
  expect(ran.finished("filtered").result).toMatchObject({ truncated: false });
  expect(ran.finished("short").reason).toMatch(
    /more of 1000\d\d would take about [\d.]+ s, and the program may stand [\d.]+ s more$/,
  );
  expect(await many.healthz()).toBe("ok");
  expect(await far.healthz()).toBe("ok");
});

test("after a crash of casebook and of the leash at once, restore lets go of the program, and finds that done the second time", async () => {
  const folder = await scratch({
    "crash.yaml": attached("      - debug: [break: net.Listen, halt]\n      - run: sleep 60\n"),
  });
  const { child, says, ended } = startCasebook(["run", "crash.yaml", "--allow", "disrupt", "--out", "case"], folder);
  await says("stands still: halted");
  // Frozen, it does not see its processes end.
  child.kill("SIGSTOP");
  const [dlv] = threadsOf(served.pid).map(({ tracer }) => tracer);
  process.kill(parentOf(dlv ?? 0), "SIGKILL");
  child.kill("SIGKILL");
  await ended;
  expect(threadsOf(served.pid).every(({ tracer }) => tracer === dlv)).toBe(true);
  const restored = await casebook(["restore", "case"], { cwd: folder });
  expect(restored.code, restored.stderr).toBe(0);
  expect(restored.stderr + restored.stdout).toContain(`process ${served.pid} runs, TracerPid 0`);
  expect(await served.healthz()).toBe("ok");
  expect(changedCode(served.pid)).toEqual([]);
  expect((await casebook(["restore", "case"], { cwd: folder })).code).toBe(0);
});
