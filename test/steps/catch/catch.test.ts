import { afterAll, beforeAll, expect, test } from "vitest";
import type { Json } from "../../../src/model/json.js";
import { StepFailure } from "../../../src/model/step-kind.js";
import { catchKind } from "../../../src/steps/catch/index.js";
import type { CatchResult, Hit } from "../../../src/steps/catch/spec.js";
import { debug } from "../../../src/steps/debug/index.js";
import { delve } from "../../../src/steps/delve/index.js";
import { type BuildOptions, buildGo, type GoProgram } from "../../support/go-program.js";
import { type Bench, createBench, type Observed, type StepOptions } from "../../support/step-context.js";

/** How often the storm is caught on each build. */
const storms = Number(process.env.CASEBOOK_STORMS ?? 1);

const builds: Readonly<Record<string, BuildOptions>> = {
  debug: {},
  optimized: { flags: [] },
  trimmed: { flags: ["-trimpath"], env: { CGO_ENABLED: "0" } },
};

let bench: Bench;
const programs = new Map<string, GoProgram>();
beforeAll(async () => {
  bench = await createBench();
  for (const [name, options] of Object.entries(builds)) programs.set(name, await buildGo("calls", options));
}, 600_000);
afterAll(async () => {
  for (const program of programs.values()) await program[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

type Session = Pick<StepOptions, "offers">;

async function session(build: string, args: readonly string[], during: (session: Session) => Promise<void>) {
  const exec = [programs.get(build)?.path ?? "", ...args];
  await bench.use(delve, { exec }, async ({ offers }) => during({ offers: { session: offers } }));
}

/** Catches in a program until it ends. */
async function caught(
  build: string,
  args: readonly string[],
  written: Json,
  more: StepOptions = {},
): Promise<Observed> {
  let observed: Observed | null = null;
  await session(build, args, async (open) => {
    observed = await bench.observe(catchKind, written, { ...open, ...more });
  });
  if (observed === null) throw new Error("nothing was observed");
  return observed;
}

// The bench has parsed it by the kind's own schema.
const resultOf = (observed: Observed): CatchResult => observed.result as CatchResult;

async function failure(build: string, args: readonly string[], written: Json): Promise<StepFailure> {
  const found = await caught(build, args, written).then(
    () => null,
    (error: unknown) => error,
  );
  expect(found).toBeInstanceOf(StepFailure);
  return found as StepFailure; // just seen
}

const place = (hit: Hit | undefined): string | undefined => hit?.caller?.function;

for (const build of ["debug", "optimized"]) {
  test(`of a storm of 200 calls from 8 goroutines no hit and no return is lost, ${storms} times, ${build}`, {
    timeout: 60_000 * storms,
  }, async () => {
    for (let round = 1; round <= storms; round++) {
      const observed = await caught(build, ["storm", "8", "25"], {
        at: "net.Listen",
        read: "address",
        results: true,
        for: "50s",
      });
      const { hits, count, lost, not_returned, ended_by } = resultOf(observed);
      expect({ round, count, lost, not_returned, ended_by }).toEqual({
        round,
        count: 200,
        lost: 0,
        not_returned: 0,
        ended_by: "exit",
      });
      expect(observed.failure).toBeNull();
      expect(hits.filter((hit) => hit.returned !== null)).toHaveLength(200);
      expect(hits.filter((hit) => hit.socket?.state === "listening" && hit.socket.port > 0)).toHaveLength(200);
      expect(new Set(hits.map((hit) => hit.goroutine)).size).toBe(8);
      expect(new Set(hits.map(place))).toEqual(new Set(["main.storm.func1"]));
      expect(new Set(hits.map((hit) => hit.created_by?.function))).toEqual(new Set(["main.storm"]));
    }
  });
}

for (const build of Object.keys(builds)) {
  test(`the caller is told in methods, closures, generics, vendored packages and goroutines, ${build}`, async () => {
    const { hits } = resultOf(
      await caught(build, ["ways"], { at: "net.Listen", read: ["network", "address"], for: "30s" }),
    );
    expect(hits.map(place)).toEqual([
      "main.(*opener).open",
      "main.plain.open",
      expect.stringMatching(/^main\.ways(\.func1)?$/),
      expect.stringMatching(/^main\.each\[go\.shape\.int\w*\]$/),
      expect.stringMatching(/^main\.each\[go\.shape\.string\w*\]$/),
      expect.stringMatching(/^main\.\(\*box\[go\.shape\.int\w*\]\)\.open$/),
      "example.org/netkit.Open",
      "calls/inner.Wrap",
      "main.(*opener).open",
      expect.stringMatching(/^main\.ways\.func\d$/),
      "main.ways",
    ]);
    expect(hits.map((hit) => hit.values.address)).toContain("127.0.0.4:0");
    expect(hits.slice(0, -1).every((hit) => hit.socket?.state === "listening")).toBe(true);
    const last = hits.at(-1);
    expect(last?.stack[1]?.function).toBe("net/http.(*Server).ListenAndServe");
    expect(last).toMatchObject({ socket: null, no_socket: "the call gave no socket: it returned nil" });
    expect(last?.returned).toMatchObject({ r0: null, r1: { Op: "listen", Err: { Syscall: "bind" } } });
  });

  test(`each call of a listen or dial function carries the socket that it gave, ${build}`, async () => {
    const at = ["net.Listen", "net.Dial", "net.ListenPacket", "net.ListenTCP", "net.(*TCPListener).Accept"];
    const { hits } = resultOf(await caught(build, ["dials"], { at, stack: 5, for: "30s" }));
    const of = (name: string) => hits.find((hit) => hit.location.function === name);
    const [listener, dialed, accepted] = [of("net.Listen"), of("net.Dial"), of("net.(*TCPListener).Accept")];
    expect(listener?.socket).toMatchObject({ protocol: "tcp", state: "listening", address: "127.0.0.1" });
    expect(dialed?.socket).toMatchObject({ state: "established", peer_port: listener?.socket?.port });
    expect(accepted?.socket).toMatchObject({ port: listener?.socket?.port, peer_port: dialed?.socket?.port });
    expect(of("net.ListenPacket")?.socket).toMatchObject({ protocol: "udp", state: "unconnected" });
    expect(of("net.ListenTCP")?.socket).toMatchObject({ protocol: "tcp6", address: "::1", state: "listening" });
    const unix = hits.findLast((hit) => hit.location.function === "net.Listen");
    expect(unix?.no_socket).toMatch(/^descriptor \d+ \(inode \d+\) is a Unix socket at @/);
  });
}

test("a listener in a listener of the program's own leads to the socket too", async () => {
  for (const build of Object.keys(builds)) {
    const { hits } = resultOf(await caught(build, ["ways"], { at: "calls/inner.Wrap", results: true, for: "30s" }));
    expect(hits).toHaveLength(1);
    expect(hits[0]).toMatchObject({
      socket: { state: "listening", address: "127.0.0.1" },
      returned: { r0: { Label: "counted", Count: 0 }, r1: null },
      caller: { function: "main.ways" },
    });
  }
});

const sorts: readonly { readonly at: string; readonly debug: Json; readonly optimized?: Json }[] = [
  { at: "main.integers", debug: [{ r0: -1, r1: -2, r2: 3, r3: 65535, r4: "1152921504606846976" }] },
  { at: "main.texts", debug: [{ r0: "äää", r1: [1, 2, 3], r2: true, r3: ["one", "two"] }] },
  {
    at: "main.failures",
    debug: [
      { r0: { X: 3, Y: 4 }, r1: null },
      { r0: null, r1: "it failed" },
      { r0: null, r1: "wrapped: EOF" },
      { r0: null, r1: 2 },
    ],
  },
  {
    at: "main.interfaces",
    debug: [{ r0: 42, r1: "a stringer", r2: { s: "text", i: 0, prevRune: -1 }, r3: expect.arrayContaining([10, 255]) }],
  },
  { at: "main.named", debug: [{ width: 10, height: 15, err: null }] },
  { at: "main.mixed", debug: [{ r0: 1.5, r1: 6, r2: { X: 1, Y: 6 }, r3: "after a struct" }] },
  { at: "main.maps", debug: [{ r0: { a: 1 }, r1: null, r2: null, r3: null }] },
  { at: "main.channels", debug: [{ r0: "chan int 0/3", r1: "strings.ToUpper" }] },
  { at: "main.floats", debug: [{ r0: 2.25, r1: 0.9, r2: -9, r3: "(9 + -1.5i)", r4: "(9e+09 + 0.25i)" }] },
  { at: "main.records", debug: [{ r0: { Name: "r", At: { X: 10, Y: 2 }, Weight: 0.25, Tags: ["x"] }, r1: null }] },
  {
    at: "main.arrays",
    debug: [{ r0: [{ X: 11, Y: 1 }], r1: {}, r2: [11, 11], r3: 11 }],
    optimized: [{ r0: [{ X: 11, Y: 1 }], r1: {}, r2: null, r3: 11 }],
  },
  {
    at: "main.outsized",
    debug: [{ r0: expect.objectContaining({ A: 12, J: 0 }), r1: 12 }],
    optimized: [{ r0: null, r1: 12 }],
  },
  { at: "main.unnamed", debug: [{ r0: 13, r1: { A: 13 } }] },
  { at: "main.held", debug: [{ r0: { b: 14 }, r1: { To: { X: 1, Y: 14 } }, r2: [{ X: 14, Y: 2 }] }] },
  { at: "main.only", debug: [{ r0: { To: { X: 1, Y: 14 } } }] },
  { at: "main.long", debug: [{ r0: "0123456789".repeat(200) }] },
  { at: "main.narrow", debug: [{ r0: 3, r1: 3, r2: true }] },
  {
    at: "main.crowded",
    debug: [{ a: "a", b: "b", c: "c", d: "d", e: 7, f: "f", g: 8 }],
    optimized: [{ a: "a", b: "b", c: "c", d: "d", e: 7, f: null, g: null }],
  },
  { at: "main.nothing", debug: [{}] },
];

for (const build of ["debug", "optimized"] as const) {
  test(`results of each sort are typed, ${build}`, async () => {
    const at = sorts.map((sort) => sort.at);
    const { hits } = resultOf(await caught(build, ["sorts"], { at, results: true, for: "30s" }));
    for (const sort of sorts) {
      const found = hits.filter((hit) => hit.location.function === sort.at).map((hit) => hit.returned);
      // As JSON: what could not be read is null there.
      expect(JSON.parse(JSON.stringify(found)), sort.at).toEqual(
        sort[build === "debug" ? "debug" : "optimized"] ?? sort.debug,
      );
    }
  });

  test(`a function that calls itself has its returns at the right calls, ${build}`, async () => {
    const { hits, lost } = resultOf(
      await caught(build, ["depth"], { at: "main.count", read: "left", results: true, for: "30s" }),
    );
    expect(lost).toBe(0);
    expect(hits.map((hit) => hit.values.left)).toEqual(Array.from({ length: 21 }, (_, index) => 20 - index));
    expect(hits.map((hit) => hit.returned?.sum)).toEqual(Array.from({ length: 21 }, (_, index) => 20 - index));
    expect(place(hits[0])).toBe("main.depth");
    expect(place(hits[1])).toBe("main.count");
  });

  test(`a call that ends in a panic has not returned, and its caller's return is not taken for it, ${build}`, async () => {
    const { hits } = resultOf(
      await caught(build, ["panics"], { at: "main.risky", read: "left", results: true, for: "30s" }),
    );
    const seen = hits.map((hit) => [hit.values.left, hit.returned?.result ?? null]);
    expect(seen).toEqual([
      [6, "642bottom"],
      [5, null],
      [4, "42bottom"],
      [3, null],
      [2, "2bottom"],
      [1, null],
      [0, "bottom"],
    ]);
  });
}

test("without results only functions that give a socket are watched at their return", async () => {
  const { hits } = resultOf(
    await caught("debug", ["ways"], { at: ["main.must", "fmt.Sprintf"], read: [], for: "30s" }),
  );
  const sprintf = hits.find((hit) => hit.location.function === "fmt.Sprintf");
  expect(sprintf).toMatchObject({ returned: null, no_socket: "fmt.Sprintf returns no socket" });
  expect(hits.find((hit) => hit.location.function === "main.must")?.socket).toMatchObject({ state: "listening" });
});

test("a line is caught as well, with the function that it stands in as caller", async () => {
  const { hits } = resultOf(
    await caught("debug", ["many", "5"], { at: "main.go:81", read: { n: "round" }, for: "30s" }),
  );
  expect(hits.map((hit) => hit.values.n)).toEqual([0, 1, 2, 3, 4]);
  expect(hits[0]).toMatchObject({
    caller: { function: "main.many", line: 81 },
    returned: null,
    no_socket: "main.go:81 is not the entry of a function",
  });
});

test("the server's condition chooses calls, and only their returns are waited for", async () => {
  const { hits, lost } = resultOf(
    await caught("optimized", ["many", "40"], {
      at: "main.step",
      where: "round % 10 == 3",
      read: "round",
      results: true,
      for: "30s",
    }),
  );
  expect(lost).toBe(0);
  expect(hits.map((hit) => [hit.values.round, hit.returned?.r0])).toEqual([
    [3, 4],
    [13, 14],
    [23, 24],
    [33, 34],
  ]);
});

test("a count ends it after the returns of these hits, and the program stands for the next step", async () => {
  await session("debug", ["many", "1000"], async (open) => {
    const written = { at: "main.step", read: "round", results: true };
    const first = resultOf(await bench.observe(catchKind, { ...written, count: 3 }, open));
    expect(first).toMatchObject({ count: 3, ended_by: "count", not_returned: 0 });
    expect(first.hits.map((hit) => hit.returned?.r0)).toEqual([1, 2, 3]);
    const next = resultOf(await bench.observe(catchKind, { ...written, count: 2 }, open));
    expect(next.hits.map((hit) => hit.values.round)).toEqual([3, 4]);
    const { result } = await bench.observe(debug, [{ break: "main.step" }, "continue", { print: "round" }], open);
    expect(result.values).toEqual({ round: 5 });
  });
});

test("until is asked after each stop, also about what was returned", async () => {
  const sizes: number[] = [];
  const observed = await caught(
    "debug",
    ["many", "1000"],
    { at: "main.step", results: true, until: "hits" },
    {
      evaluate(path, { hits }) {
        expect(path).toBe("until");
        const rows = hits as CatchResult["hits"];
        sizes.push(rows.length);
        return { kind: "value", value: rows.some((hit) => hit.returned?.r0 === 4), seen: {} };
      },
    },
  );
  expect(resultOf(observed)).toMatchObject({ count: 4, ended_by: "until" });
  expect(sizes).toEqual([1, 1, 2, 2, 3, 3, 4, 4]);
});

test("when the time is up a call that has not returned is shown as such, and is not lost", async () => {
  const { hits, lost, not_returned, ended_by } = resultOf(
    await caught("debug", ["loop"], { at: "main.loop", results: true, for: "1s" }),
  );
  expect({ lost, not_returned, ended_by }).toEqual({ lost: 0, not_returned: 0, ended_by: "for" });
  expect(hits[0]).toMatchObject({ returned: null, no_socket: "main.loop never returns" });
  const slow = resultOf(await caught("debug", ["storm", "2", "2"], { at: "main.storm", results: true, count: 1 }));
  expect(slow).toMatchObject({ count: 1, lost: 0 });
});

test("it collects while the steps inside run, and the program goes on when enough was caught", async () => {
  await session("optimized", ["loop"], async (open) => {
    const inside = new Promise<void>((resolve) => setTimeout(resolve, 1500));
    const observed = await bench.use(catchKind, { at: "net.Listen", count: 2 }, async () => inside, open);
    const { count, ended_by, lost } = resultOf(observed);
    expect({ count, ended_by, lost }).toEqual({ count: 2, ended_by: "count", lost: 0 });
    const { result } = await bench.observe(debug, [{ break: "main.step" }, "continue", { print: "round" }], open);
    // It ran for more than a second after the second call.
    expect(Number((result.values as { round: number }).round)).toBeGreaterThan(10);
  });
});

test("while it collects no other step lets the program run", async () => {
  await session("debug", ["loop"], async (open) => {
    await bench.use(
      catchKind,
      { at: "net.Listen" },
      async () => {
        for (const other of [
          () => bench.observe(debug, ["continue"], open),
          () => bench.observe(catchKind, { at: "main.step", count: 1 }, open),
        ]) {
          await expect(other()).rejects.toThrow("a catch at net.Listen lets the program run meanwhile");
        }
      },
      open,
    );
  });
});

test("values longer than a breakpoint collects are read whole", async () => {
  const long = `1${"0".repeat(200)}`;
  const { hits } = resultOf(
    await caught("debug", ["many", "1", long], { at: "main.number", read: { args: "os.Args" }, for: "20s" }),
  );
  expect(hits[0]?.values).toMatchObject({ args: [expect.stringContaining("/calls"), "many", "1", long] });
});

test("a mistake in what is to be read, tested or caught says so", async () => {
  const storm = ["storm", "2", "2"];
  const at = "net.Listen";
  expect((await failure("debug", storm, { at, read: "adress", for: "5s" })).message).toBe(
    "read adress: could not find symbol value for adress; did you mean address?",
  );
  expect((await failure("debug", storm, { at, where: "nosuch == 3", for: "5s" })).message).toBe(
    "where nosuch == 3: could not find symbol value for nosuch",
  );
  expect((await failure("debug", storm, { at: "net.Lisen", for: "5s" })).message).toBe(
    "the program has no function net.Lisen; did you mean net.Listen?",
  );
});

test("a place where a debug step has set a breakpoint is refused, with what to do", async () => {
  await session("debug", ["storm", "2", "2"], async (open) => {
    await bench.observe(debug, [{ break: "net.Listen" }], open);
    const refused = bench.observe(catchKind, { at: "net.Listen", for: "1s" }, open);
    await expect(refused).rejects.toMatchObject({
      message: "a breakpoint of a debug step stands at net.Listen already",
      remedy: "clear it first: debug: [clear: net.Listen]",
    });
    await bench.observe(debug, ["clear"], open);
    expect(resultOf(await bench.observe(catchKind, { at: "net.Listen", for: "20s" }, open)).count).toBe(4);
  });
});
