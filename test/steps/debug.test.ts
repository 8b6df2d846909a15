import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Json } from "../../src/model/json.js";
import { StepFailure } from "../../src/model/step-kind.js";
import { debug } from "../../src/steps/debug/index.js";
import type { DebugResult } from "../../src/steps/debug/read.js";
import { delve } from "../../src/steps/delve/index.js";
import { buildGo, type GoProgram } from "../support/go-program.js";
import { freePorts } from "../support/ports.js";
import { type Bench, createBench, type Observed } from "../support/step-context.js";

let bench: Bench;
let program: GoProgram;
beforeAll(async () => {
  bench = await createBench();
  program = await buildGo("random-port", { name: "kubelet" });
});
afterAll(async () => {
  await program[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

interface Session {
  readonly pid: number;
  readonly ports: readonly number[];
  observe(commands: Json, milliseconds?: number): Promise<Observed>;
  debug(commands: Json, milliseconds?: number): Promise<DebugResult>;
  /** The message of the failure, and what to do. */
  fails(commands: Json, milliseconds?: number): Promise<StepFailure>;
}

/** Holds the program under the debugger. */
async function session(flags: readonly string[], during: (session: Session) => Promise<void>): Promise<Observed> {
  const ports = await freePorts(2);
  const exec = [program.path, `-port=${ports[0]}`, `-read-only-port=${ports[1]}`, ...flags];
  return await bench.use(delve, { exec }, async ({ value, offers }) => {
    const observe = (commands: Json, milliseconds = 20_000) =>
      bench.observe(debug, commands, { signal: AbortSignal.timeout(milliseconds), offers: { session: offers } });
    await during({
      pid: Number(value.pid),
      ports,
      observe,
      // The bench has parsed it by the kind's own schema.
      debug: async (commands, milliseconds) => (await observe(commands, milliseconds)).result as DebugResult,
      async fails(commands, milliseconds) {
        const failure = await observe(commands, milliseconds).then(
          () => null,
          (error: unknown) => error,
        );
        expect(failure).toBeInstanceOf(StepFailure);
        return failure as StepFailure; // just seen
      },
    });
  });
}

const listen: Json = { at: "net.Listen", stack: 10, print: ["network", "address"] };
const askingIn = (result: DebugResult) => result.goroutines.find((row) => String(row.values.address).endsWith(":0"));

for (const order of ["main-first", "random-first", "any"]) {
  test(`the goroutine that asks for port 0 is found at net.Listen, ${order}`, async () => {
    await session([`-order=${order}`], async ({ debug, ports }) => {
      await debug([{ break: "net.Listen" }]);
      let asking: ReturnType<typeof askingIn>;
      const seen = new Set<unknown>();
      for (let stops = 0; asking === undefined && stops < 5; stops++) {
        const result = await debug(["continue", { goroutines: listen }]);
        for (const row of result.goroutines) seen.add(row.values.address);
        asking = askingIn(result);
      }
      expect(asking).toMatchObject({
        location: { function: "net.Listen" },
        values: { network: "tcp", address: "127.0.0.1:0" },
        caller: { function: "randomport/streaming.(*server).Start", file: join(program.source, "streaming/server.go") },
      });
      expect(asking?.stack.map((frame) => frame.function)).toEqual([
        "net.Listen",
        "randomport/streaming.(*server).Start",
        "randomport/dockershim.(*dockerService).Start.func1",
        "runtime.goexit",
      ]);
      if (order === "main-first") expect(seen).toContain(`127.0.0.1:${ports[1]}`);
      if (order === "random-first") expect([...seen]).toEqual(["127.0.0.1:0"]);

      const switched = await debug({ goroutine: String(asking?.id), print: ["network", "address"], stack: 30 });
      expect(switched).toMatchObject({ goroutine: asking?.id, values: { address: "127.0.0.1:0" } });
      expect(switched.stack).toHaveLength(4);
      const out = await debug(["step_out"]);
      expect(out).toMatchObject({
        goroutine: asking?.id,
        location: { function: "randomport/streaming.(*server).Start" },
      });
      expect(out.returned).toMatchObject({ r0: { fd: { laddr: { Port: expect.any(Number) } } }, r1: null });
    });
  });
}

test("a step out says which goroutines ran on meanwhile", async () => {
  await session([], async ({ debug }) => {
    // Both are let go at the same instant; which runs first is the scheduler's choice.
    await debug([{ break: { at: "net.Listen", where: 'address != ""' } }]);
    let moved: DebugResult["moved"] = [];
    const first = await debug(["continue", { goroutines: listen }]);
    const others = first.goroutines.filter((row) => row.id !== first.goroutine).map((row) => row.id);
    const out = await debug(["step_out"]);
    moved = out.moved;
    expect(out.goroutine).toBe(first.goroutine);
    const standing = await debug([{ goroutines: listen }]);
    for (const id of others) {
      const stayed = standing.goroutines.some((row) => row.id === id);
      expect(moved.some((each) => each.id === id) || stayed).toBe(true);
    }
    for (const { id, to } of moved) {
      expect(out.transcript[0]?.output).toContain(
        to === null ? `meanwhile goroutine ${id} ran on` : `meanwhile goroutine ${id} came to`,
      );
    }
  });
});

test("the transcript reads as a session with dlv, and is evidence", async () => {
  await session(["-no-random"], async ({ observe, ports }) => {
    const { result, captured, blocks } = await observe([{ break: "net.Listen" }, "continue", "args", { stack: 2 }]);
    const { transcript } = result as DebugResult;
    expect(transcript.map((turn) => turn.input)).toEqual(["break net.Listen", "continue", "args", "stack 2"]);
    expect(transcript[1]?.output).toMatch(
      /^> net\.Listen\(\) .*\/net\/dial\.go:\d+ \(hits goroutine\(\d+\):1 total:1\)/,
    );
    expect(transcript[1]?.output).toMatch(/^=> +\d+:\tfunc Listen\(network, address string\) \(Listener, error\) \{$/m);
    expect(transcript[2]?.output).toContain(`network = "tcp"\naddress = "127.0.0.1:${ports[0]}"`);
    expect(result.stack).toHaveLength(2);
    expect(blocks).toEqual([{ type: "session", prompt: "(dlv)", turns: transcript }]);
    const evidence = captured.get("transcript");
    const text = readFileSync(join(bench.folder, evidence?.path ?? ""), "utf8");
    expect(text).toContain("(dlv) break net.Listen\nBreakpoint 1 set for net.Listen() ");
  });
});

test("a continue that comes to no stop is halted in time, and the session goes on", async () => {
  await session(["-parked=3"], async ({ debug, fails }) => {
    const failure = await fails([{ break: "main.fail" }, "continue"], 700);
    expect(failure.message).toMatch(/^continue did not come to a stop in time; the program was halted/);
    const listed = await debug([{ goroutines: { at: "main.park", print: "number" } }]);
    expect(listed.goroutines.map((row) => row.values.number).sort()).toEqual([0, 1, 2]);
    for (const milliseconds of [1, 5, 20]) await fails(["continue"], milliseconds);
    expect((await debug([{ goroutines: { limit: 2 } }])).truncated).toBe(true);
  });
});

test("a program that ends before a breakpoint fails the step with its exit code", async () => {
  await session(["-order=sideways"], async ({ fails }) => {
    expect((await fails(["continue"])).message).toBe("the program exited with 1 before it came to a breakpoint");
    expect((await fails(["next"])).message).toBe("next: there is no program any more: the program exited with 1");
    expect((await fails([{ stack: 3 }])).message).toMatch(/^stack 3: there is no program any more/);
  });
});

test("a mistake names what was probably meant, and leaves the session as it was", async () => {
  await session(["-no-random"], async ({ debug, fails, ports }) => {
    const message = async (commands: Json): Promise<string> => (await fails(commands)).message;
    expect(await message([{ break: "net.Lissten" }])).toBe(
      "the program has no function net.Lissten; did you mean net.Listen?",
    );
    expect(await message([{ break: "streaming.(*sever).Start" }])).toContain("did you mean streaming.(*server).Start?");
    expect(await message([{ break: "sever.go:10" }])).toContain("did you mean server.go:10?");
    expect(await message([{ break: "Start" }])).toMatch(/^expected one place for Start, found several: /);
    await debug([{ break: "net.Listen" }, "continue"]);
    expect(await message([{ print: "adress" }])).toBe(
      "print adress: could not find symbol value for adress; did you mean address?",
    );
    expect(await message([{ goroutines: { at: "net.Listen", print: "adress" } }])).toMatch(/^print adress: /);
    expect(await message([{ goroutines: { at: "net.Lissten" } }])).toContain("did you mean net.Listen?");
    expect(await message([{ goroutine: 9999 }])).toBe("goroutine 9999: unknown goroutine 9999");
    expect(await message([{ break: { at: "net.Listen", where: "address ==" } }])).toContain("expected operand");
    expect(await message([{ clear: "net.Lisen" }])).toContain("did you mean net.Listen?");
    expect((await debug([{ print: "address" }])).values).toEqual({ address: `127.0.0.1:${ports[0]}` });
  });
});

test("a breakpoint with a condition stops only where it holds, can be set again, and cleared", async () => {
  await session(["-order=main-first"], async ({ debug, fails }) => {
    const where = 'len(address) > 1 && address[len(address)-2:] == ":0"';
    await debug([{ break: { at: "net.Listen", where: "false" } }]);
    await debug([{ break: { at: "net.Listen", where } }, { break: { at: "net.Listen", where } }]);
    const result = await debug(["continue", { print: "address" }]);
    expect(result.values).toEqual({ address: "127.0.0.1:0" });
    await debug(["clear", { break: "main.fail" }, { clear: "main.fail" }]);
    await fails(["continue"], 500);
  });
});

test("what was read before the program ran on is not kept", async () => {
  await session(["-no-random"], async ({ debug }) => {
    const stop: Json = [{ break: "net.Listen" }, "continue", { print: "address" }, { stack: 5 }];
    expect((await debug(stop)).stack.length).toBeGreaterThan(2);
    const after = await debug([{ print: "address" }, "next"]);
    expect(after).toMatchObject({ values: {}, location: { function: "net.Listen" } });
    const both = await debug([{ print: "network" }, "step_out", { print: "addr" }]);
    expect(Object.keys(both.values)).toEqual(["addr"]);
  });
});

test("what several commands read at one place stands together", async () => {
  await session(["-order=random-first"], async ({ debug }) => {
    const { values, stack } = await debug([
      { break: "net.Listen" },
      "continue",
      { print: "address" },
      { stack: 2 },
      "args",
    ]);
    expect(values).toMatchObject({ network: "tcp", address: expect.any(String) });
    expect(stack).toHaveLength(2);
    expect((await debug([{ print: "network" }, "locals"])).values).toEqual({ network: "tcp" });
  });
});

test("what is read right after a stop is what is read there later", async () => {
  await session(["-order=main-first"], async ({ debug }) => {
    await debug([{ break: "net.Listen" }]);
    const { goroutine, stack, values } = await debug(["continue", { stack: 50 }, "args", { stack: 30 }, { stack: 2 }]);
    expect(stack).toHaveLength(2);
    const later = await debug([{ stack: 50 }, "args"]);
    expect(later).toMatchObject({ goroutine, values });
    expect(later.stack.length).toBeGreaterThan(4);
    expect(later.stack.slice(0, 2)).toEqual(stack);
    const again = await debug(["continue", { stack: 50 }]);
    expect(again.values).toEqual({});
    expect((await debug([{ stack: 50 }])).stack).toEqual(again.stack);
  });
});

test("goroutines are grouped and filtered by Delve itself", async () => {
  await session(["-parked=40", "-no-random"], async ({ debug }) => {
    await debug([{ break: "net.Listen" }, "continue"]);
    const groups = (await debug([{ goroutines: { group_by: "startloc" } }])).groups;
    expect(groups[0]).toEqual({ name: expect.stringContaining("main.park"), count: 40 });
    const some = await debug([{ goroutines: { with: "startloc main.park", limit: 7 } }]);
    expect(some.goroutines).toHaveLength(7);
    expect(some.truncated).toBe(true);
  });
});

for (const [name, flags] of [
  ["optimized", []],
  ["trimmed", ["-trimpath"]],
] as const) {
  test(`an ${name} build tells its caller too`, async () => {
    await using built = await buildGo("random-port", { name: "kubelet", flags });
    const [port, readOnly] = await freePorts(2);
    const exec = [built.path, `-port=${port}`, `-read-only-port=${readOnly}`];
    await bench.use(delve, { exec }, async ({ offers }) => {
      const at = { offers: { session: offers } };
      const where = 'address == "127.0.0.1:0"';
      const { result } = await bench.observe(
        debug,
        [{ break: { at: "net.Listen", where } }, "continue", { goroutines: listen }],
        at,
      );
      expect(askingIn(result as DebugResult)?.caller?.function).toBe("randomport/streaming.(*server).Start");
    });
  });
}
