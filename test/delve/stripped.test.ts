import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Absent } from "../../src/model/value.js";
import { catchKind } from "../../src/steps/catch/index.js";
import type { CatchResult } from "../../src/steps/catch/spec.js";
import { debug } from "../../src/steps/debug/index.js";
import { delve } from "../../src/steps/delve/index.js";
import { runText } from "../support/casebook.js";
import { delveMinor, expectFree, lookingRunbook, startDelve, untilRunsTraced } from "../support/debugged.js";
import { buildGo, type GoProgram } from "../support/go-program.js";
import { serveProgram } from "../support/served-program.js";
import { type Bench, createBench, type StepOptions } from "../support/step-context.js";

/** The Delve of these tests may be older than that. */
const findsStacks = delveMinor >= 24;

let bench: Bench;
let calls: GoProgram;
let kubelet: GoProgram;
beforeAll(async () => {
  bench = await createBench();
  calls = await buildGo("calls", { flags: ["-ldflags", "-s -w"] });
  kubelet = await buildGo("random-port", { name: "kubelet", flags: ["-ldflags", "-s -w"] });
});
afterAll(async () => {
  await kubelet[Symbol.asyncDispose]();
  await calls[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

/** Works with the stripped program; an older Delve refuses it, in words that say which one does not. */
async function session(args: readonly string[], during: (open: Pick<StepOptions, "offers">) => Promise<void>) {
  const exec = [calls.path, ...args];
  const using = bench.use(delve, { exec }, async ({ offers }) => during({ offers: { session: offers } }));
  if (findsStacks) return await using;
  await expect(using).rejects.toMatchObject({
    message: expect.stringMatching(/^Delve 1\.\d+\.\d+ needs debug information, but .*\/calls is stripped$/),
    remedy: expect.stringContaining("install Delve 1.24 or newer, which finds at least its functions and stacks"),
  });
  return null;
}

async function caught(
  args: readonly string[],
  at: string | readonly string[],
  stack = 10,
): Promise<CatchResult | null> {
  let result: CatchResult | null = null;
  await session(args, async (open) => {
    const observed = await bench.observe(catchKind, { at: [at].flat(), read: "address", stack, for: "50s" }, open);
    result = observed.result as CatchResult; // parsed by the kind's own schema
  });
  return result;
}

test("each call of a listen or dial function of a stripped program carries its socket, by the registers at its return", async () => {
  const accepting = ["net.(*TCPListener).Accept", "net.(*netFD).accept"];
  const at = ["net.Listen", "net.Dial", "net.ListenPacket", "net.ListenTCP", ...accepting];
  const result = await caught(["dials"], at);
  if (result === null) return;
  const of = (name: string) => result.hits.find((hit) => hit.location.function === name);
  const [listener, dialed, accepted] = [of("net.Listen"), of("net.Dial"), of("net.(*TCPListener).Accept")];
  expect(listener?.socket).toMatchObject({ protocol: "tcp", state: "listening", address: "127.0.0.1" });
  expect(dialed?.socket).toMatchObject({ state: "established", peer_port: listener?.socket?.port });
  expect(accepted?.socket).toMatchObject({ port: listener?.socket?.port, peer_port: dialed?.socket?.port });
  expect(of("net.(*netFD).accept")?.socket).toEqual(accepted?.socket);
  expect(of("net.ListenPacket")?.socket).toMatchObject({ protocol: "udp", state: "unconnected" });
  expect(of("net.ListenTCP")?.socket).toMatchObject({ protocol: "tcp6", address: "::1", state: "listening" });
  expect(listener).toMatchObject({ goroutine: 1, caller: { function: "main.dials" }, created_by: null });
  expect(listener?.stack.map((frame) => frame.function)).toContain("main.main");
  // What is missing is unknown, not empty, and says why.
  expect(listener?.values.address).toBeInstanceOf(Absent);
  expect((listener?.returned?.r0 as Absent).because).toContain("the program is stripped: what net.Listen returns");
  const unix = result.hits.findLast((hit) => hit.location.function === "net.Listen");
  expect(unix?.no_socket).toMatch(/^descriptor \d+ \(inode \d+\) is a Unix socket at @/);
});

test("of a storm of 200 calls in a stripped program none is lost, and each return is that of its own call", async () => {
  const result = await caught(["storm", "8", "25"], "net.Listen", 1);
  if (result === null) return;
  const { count, lost, not_returned, ended_by, hits } = result;
  expect({ count, lost, not_returned, ended_by }).toEqual({ count: 200, lost: 0, not_returned: 0, ended_by: "exit" });
  expect(hits.filter((hit) => hit.socket?.state === "listening" && hit.socket.port > 0)).toHaveLength(200);
  expect(new Set(hits.map((hit) => hit.goroutine)).size).toBe(8);
  expect(new Set(hits.map((hit) => hit.caller?.function))).toEqual(new Set(["main.storm.func1"]));
});

test("a call that fails gives no socket, and of other functions it is said that their results are not described", async () => {
  const result = await caught(["ways"], ["net.Listen", "fmt.Sprintf"]);
  if (result === null) return;
  const failed = result.hits.findLast((hit) => hit.location.function === "net.Listen");
  expect(failed).toMatchObject({ socket: null, no_socket: "the call gave no socket: it returned nil" });
  const sprintf = result.hits.find((hit) => hit.location.function === "fmt.Sprintf");
  expect(sprintf?.no_socket).toBe("the program is stripped: what fmt.Sprintf returns is not described");
});

test("a debugger's stack works in a stripped program, and what does not says what to do", async () => {
  await session(["dials"], async (open) => {
    const { result } = await bench.observe(debug, [{ break: "net.Listen" }, "continue", { stack: 10 }], open);
    expect(result.stack).toContainEqual(expect.objectContaining({ function: "main.dials" }));
    expect(result.location).toMatchObject({ function: "net.Listen" });
    for (const command of ["goroutines", "args", { print: "address" }]) {
      await expect(bench.observe(debug, [command], open)).rejects.toMatchObject({
        remedy: expect.stringMatching(/^the program is stripped, .*: build it without -ldflags='-s -w'$/),
      });
    }
  });
});

test("a condition on a variable of a stripped program says what to do", async () => {
  await session(["many", "5"], async (open) => {
    const written = { at: "main.step", where: "round == 3", for: "20s" };
    await expect(bench.observe(catchKind, written, open)).rejects.toMatchObject({
      message: "where round == 3: could not find symbol value for round",
      remedy: "the program is stripped, so a condition can name no variable of it: leave out where",
    });
  });
});

test("who opened a stripped program's port is found where Delve finds stacks, else it says why not, and the program runs on", async () => {
  await using served = await serveProgram(kubelet);
  const runbook = fileURLToPath(new URL("../../runbooks/who-opened-this-port.yaml", import.meta.url));
  const ran = await runText(readFileSync(runbook, "utf8"), ["--allow", "disrupt", "-i", `port=${served.port}`]);
  expect(ran.code, ran.stderr).toBe(findsStacks ? 0 : 2);
  const [verdict] = ran.of("verdict");
  expect(verdict).toMatchObject({ answer: findsStacks ? "found" : "undecided" });
  if (findsStacks) {
    expect(ran.finished("session").result).toMatchObject({ debug_information: false });
    expect(verdict?.says).toMatch(/^`main\..* The program is stripped/);
  } else {
    expect(ran.finished("session").reason).toContain("needs debug information");
    expect(ran.of("process-stopped")).toEqual([]);
    expect(verdict?.says).toContain("The failed step says why");
  }
  await expectFree(served);
});

test("a stripped program of somebody else's Delve is known as one, and its calls are caught", async () => {
  if (!findsStacks) return; // there is no such Delve
  await using served = await serveProgram(kubelet);
  await using other = await startDelve(["attach", String(served.pid), "--accept-multiclient", "--continue"]);
  await untilRunsTraced(served);
  const ran = await runText(
    `casebook: 1
title: Joined
steps:
  - id: session
    delve: { connect: "${other.address}" }
    during:
      - id: taken
        catch: { at: net.(*netFD).accept }
        during:
          - run: for i in 1 2; do curl -sS http://127.0.0.1:${served.port}/healthz; done
`,
    ["--allow", "disrupt"],
  );
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.finished("session").result).toMatchObject({ debug_information: false });
  expect(ran.finished("taken").result).toMatchObject({
    hits: expect.arrayContaining([expect.objectContaining({ socket: expect.objectContaining({ port: served.port }) })]),
  });
  await other.end();
  await expectFree(served);
});

test("the report of a stripped program says what is missing", async () => {
  const ran = await runText(
    lookingRunbook(`{ exec: [${calls.path}, dials] }`, "[{ break: net.Listen }, continue, stack]"),
    ["--allow", "disrupt"],
  );
  expect(ran.code, ran.stderr).toBe(findsStacks ? 0 : 3);
  if (findsStacks) expect(ran.finished("session").result).toMatchObject({ debug_information: false });
  expect(await ran.report("md")).toContain(
    findsStacks ? "none: functions and stacks, but no variables" : "is stripped",
  );
});
