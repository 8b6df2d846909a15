import { afterAll, beforeAll, expect, test } from "vitest";
import { Absent, CutText, type Value } from "../../src/model/value.js";
import { debug } from "../../src/steps/debug/index.js";
import { delve } from "../../src/steps/delve/index.js";
import type { DelveResult } from "../../src/steps/delve/spec.js";
import { buildGo, type GoProgram } from "../support/go-program.js";
import { type Bench, createBench } from "../support/step-context.js";

let bench: Bench;
let program: GoProgram;
/** What the variables of the program's main function are read as. */
let values: Readonly<Record<string, Value>>;
let generic: Value;
let shown: string;

const names =
  "text quoted invalid long small exact big safe float infinite day wait yes letter bytes numbers none many array byName byNumber noMap " +
  "chain whole noPointer plain wrapped path noError reader function noFunction channel noChannel complexNumber address pointer wild";

beforeAll(async () => {
  bench = await createBench();
  program = await buildGo("go-values");
  await bench.use(delve, { exec: [program.path] }, async ({ offers }) => {
    const at = { offers: { session: offers } };
    await bench.observe(debug, [{ break: "main.here" }, "continue", "step_out"], at);
    const printed = await bench.observe(debug, [{ print: names.split(" ") }], at);
    values = printed.result.values as Record<string, Value>;
    shown = (printed.result.transcript as { output: string }[])[0]?.output ?? "";
    const inside = await bench.observe(debug, ["continue", "step_out", { stack: 2 }], at);
    generic = inside.result;
  });
});
afterAll(async () => {
  await program[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

test("texts come whole, or with what was left out", () => {
  expect(values.text).toBe("127.0.0.1:0");
  expect(values.quoted).toBe('a "b" \\ 12345678901234567890 \n é 日本');
  expect(values.invalid).toBe("a\uFFFDb");
  expect(values.long).toEqual(new CutText("x".repeat(16_384), "", 20_000 - 16_384));
});

test("numbers are numbers as long as none of their digits is lost", () => {
  expect(values).toMatchObject({
    small: -7,
    safe: 9007199254740991,
    float: 1.5,
    day: 2,
    wait: 5_000_000_000,
    letter: 120,
  });
  expect(values).toMatchObject({
    exact: "9223372036854775807",
    big: "18446744073709551615",
    infinite: "+Inf",
    yes: true,
  });
  expect(shown).toContain("day = tuesday (2)");
});

test("lists and maps keep their shape, and what was not read says so", () => {
  expect(values).toMatchObject({ bytes: [104, 105], numbers: [1, 2, 3], none: [], array: ["a", "b"] });
  expect(values).toMatchObject({ byName: { one: 1 }, byNumber: [{ key: 1, value: "one" }], noMap: {} });
  expect(values.many).toMatchObject({ truncated: true, length: 1000 });
});

test("pointers and interfaces are what they lead to, down to a depth", () => {
  expect(values.whole).toMatchObject({ Name: "n", Any: 42, Deep: { k: [1] }, Ptr: { Label: "first" } });
  expect(values).toMatchObject({ noPointer: null, reader: { s: "r" } });
  let deepest: Value = values.chain ?? null;
  while (typeof deepest === "object" && deepest !== null && "Next" in deepest) deepest = deepest.Next ?? null;
  expect(deepest).toBeInstanceOf(Absent);
});

test("errors of the standard library are their message", () => {
  expect(values).toMatchObject({ plain: "it broke", wrapped: "while starting: it broke", noError: null });
  expect(values.path).toMatchObject({ Op: "open", Path: "/x", Err: "EOF" });
});

test("functions, channels and addresses are texts, nil is null", () => {
  expect(values).toMatchObject({
    function: "strings.ToUpper",
    noFunction: null,
    noChannel: null,
    address: "0xc000123456",
  });
  expect(values.channel).toMatch(/^chan int 1\/3$/);
  expect(values.complexNumber).toMatch(/1.*2/);
  expect(values.pointer).toMatch(/^0xc/);
});

test("what cannot be read is unknown and says why", () => {
  const { Label } = values.wild as { Label: Value };
  expect(Label).toBeInstanceOf(Absent);
  expect((Label as Absent).because).toMatch(/unreadable: .*input\/output error/);
});

test("the frame of a generic function belongs to its package", () => {
  const result = generic as unknown as { location: { function: string } } & DelveResult;
  expect(result.location.function).toMatch(/^main\.pair/);
});
