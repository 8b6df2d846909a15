import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Json } from "../../src/model/json.js";
import type { AnyStepKind } from "../../src/model/step-kind.js";
import { loadKinds } from "../../src/steps/index.js";
import { type Bench, createBench } from "../support/step-context.js";

const diff = (await loadKinds(["diff"])).get("diff") as AnyStepKind; // the registry of the program has it

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(async () => await bench[Symbol.asyncDispose]());

test("a listener that during opened is the one row added", async () => {
  const server = createServer();
  const { result, blocks, captured } = await bench.use(
    diff,
    { sockets: { pid: process.pid, state: "listening" }, key: ["address", "port"] },
    async () => {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
    },
  );
  const { port } = server.address() as AddressInfo;
  server.close();
  expect(result).toMatchObject({ added: [{ address: "127.0.0.1", port, pid: process.pid }], removed: [], changed: [] });
  expect(result.text).toMatch(new RegExp(`^--- before\\n\\+\\+\\+ after\\n@@[^]*\\+protocol=tcp .* port=${port} `));
  expect([...captured.keys()]).toEqual(expect.arrayContaining(["before.stdout", "after.stdout"]));
  expect(blocks.map(({ type }) => type)).toEqual(["text", "table", "diff"]);
});

test("without a change nothing is reported", async () => {
  const { result } = await bench.use(diff, { sockets: { pid: process.pid, state: "listening" } }, async () => {});
  expect(result).toEqual({ added: [], removed: [], changed: [], text: "" });
});

test("the output of a command is compared line by line", async () => {
  const file = join(bench.folder, "settings");
  writeFileSync(file, "a\nb\nc\n");
  const { result } = await bench.use(diff, { run: ["cat", file] }, async () => writeFileSync(file, "a\nB\nc\nd\n"));
  expect(result).toEqual({
    added: ["B", "d"],
    removed: ["b"],
    changed: [],
    text: "--- before\n+++ after\n@@ -1,3 +1,4 @@\n a\n-b\n+B\n c\n+d",
  });
});

test("rows that are picked out of a log are compared by their key, its lines by theirs", async () => {
  const file = join(bench.folder, "log");
  writeFileSync(file, "worker=1 jobs=4\nworker=2 jobs=0\n");
  const parse = String.raw`worker=(?P<worker>\d+) jobs=(?P<jobs>\d+)`;
  const later = async () => writeFileSync(file, "worker=1 jobs=9\nworker=2 jobs=0\n");
  const { result } = await bench.use(diff, { log: { file, parse }, key: ["worker"] }, later);
  expect(result).toMatchObject({ added: [], removed: [], changed: [{ after: { jobs: "9" }, fields: ["jobs"] }] });
  const wrong = diff.spec.safeParse({ log: { file }, key: ["worker"] });
  expect(wrong.error?.issues[0]?.message).toBe("expected a field of log: text, at");
});

test("parsed rows are compared by their key", async () => {
  const file = join(bench.folder, "table");
  writeFileSync(file, "name,level\na,1\nb,2\nc,3\n");
  const probe = { run: { command: ["cat", file], parse: "csv" }, key: ["name"] };
  const { result } = await bench.use(diff, probe, async () => writeFileSync(file, "name,level\na,1\nb,20\nd,4\n"));
  expect(result).toMatchObject({
    added: [{ name: "d", level: "4" }],
    removed: [{ name: "c", level: "3" }],
    changed: [{ before: { name: "b", level: "2" }, after: { name: "b", level: "20" }, fields: ["level"] }],
  });
});

test("rows with the same key are paired in their order, and an empty side has no rows", async () => {
  const rows = (...levels: number[]): Json => levels.map((level) => ({ name: "a", level }));
  const compare = async (left: Json, right: Json) => (await bench.observe(diff, { left, right, key: ["name"] })).result;
  expect(await compare(rows(1, 2), rows(1, 3, 4))).toMatchObject({
    added: [{ level: 4 }],
    removed: [],
    changed: [{ before: { level: 2 }, after: { level: 3 } }],
  });
  expect(await compare([], rows(1))).toMatchObject({ added: [{ level: 1 }], removed: [] });
  expect(await compare(rows(1), [])).toMatchObject({ added: [], removed: [{ level: 1 }] });
});

test("two values are compared without during", async () => {
  expect((await bench.observe(diff, { left: "a\nb\n", right: "b" })).result).toMatchObject({
    added: [],
    removed: ["a"],
  });
  expect((await bench.observe(diff, { left: [1, 2, null, "a"], right: [2, "a", 3, true] })).result).toMatchObject({
    added: [3, true],
    removed: [1, null],
  });
  expect((await bench.observe(diff, { left: { a: 1 }, right: { a: 2 } })).result).toMatchObject({
    added: ['  "a": 2'],
    removed: ['  "a": 1'],
  });
});

test("large texts that have nothing in common are not aligned, and the diff is cut", async () => {
  const text = (prefix: string): string => Array.from({ length: 100_000 }, (_, line) => `${prefix}${line}`).join("\n");
  const { result } = await bench.observe(diff, { left: text("left"), right: text("right") });
  expect((result.added as unknown[]).length).toBe(100_000);
  expect(result.text).toMatchObject({ omittedBytes: expect.any(Number) });
});

test("a probe that fails fails the diff", async () => {
  await expect(bench.use(diff, { run: "echo no >&2; exit 4" }, async () => {})).rejects.toThrow(
    "the probe before `during` failed: expected exit code 0, found 4: no",
  );
});

test("a key that some row lacks is told", async () => {
  await expect(bench.observe(diff, { left: [{ a: 1 }], right: [{ a: 2 }], key: ["b"] })).rejects.toThrow(
    "expected the field b of the key in every row, found only a",
  );
});

test("during is required by a probe and has no place between two values", () => {
  expect(diff.during?.({ sockets: {} })).toBe("required");
  expect(diff.during?.({ left: 1, right: 2 })).toBe("none");
});

test("its risk, its tools and its commands are the probe's", () => {
  expect(diff.outline({ run: { command: ["ss", "-l"] } })).toMatchObject({
    risk: "observe",
    tools: [{ any: ["ss"] }],
    commands: ["before and after: ss -l"],
  });
});

test.each([
  [{}, "found none"],
  [{ sockets: {}, run: { command: "x" } }, "expected one probe, found sockets and run"],
  [{ sockets: {}, left: 1 }, "found sockets and left"],
  [{ left: 1 }, "expected left and right, found only left"],
  [{ sockets: {}, key: ["adress"] }, "expected a field of sockets: protocol, state, address"],
  [{ http: { get: "http://a/" } }, "http"],
])("%j is refused", (written, message) => {
  expect(JSON.stringify(diff.spec.safeParse(written).error?.issues)).toContain(message);
});
