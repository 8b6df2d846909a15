import { expect, test } from "vitest";
import { Absent } from "../../../src/model/value.js";
import { HitFold } from "../../../src/steps/catch/fold.js";
import { type CatchRecord, fromLine, toLine } from "../../../src/steps/catch/record.js";
import { type CatchResult, spec } from "../../../src/steps/catch/spec.js";
import { view } from "../../../src/steps/catch/view.js";

const frame = (name: string) => ({ function: name, file: `/src/${name}.go`, line: 1 });

const stack: CatchRecord = {
  type: "stack",
  stack: 1,
  frames: [frame("net.Listen"), frame("main.open"), frame("main.main")],
  caller: frame("main.open"),
};

const hit = (number: number): CatchRecord => ({
  type: "hit",
  hit: number,
  goroutine: number + 100,
  at: "2026-01-02T03:04:05.678Z",
  location: frame("net.Listen"),
  values: [{ name: "address", value: { kind: "string", type: "string", text: `:${number}`, omitted: 0 } }],
  stack: 1,
  created_by: null,
  milliseconds: 1.5,
});

const returned = (number: number): CatchRecord => ({
  type: "return",
  hit: number,
  results: [{ name: "r1", value: { kind: "nil", type: "error" } }],
  socket: null,
  no_socket: "the call gave no socket: it returned nil",
  milliseconds: 2,
});

test("hits, stacks and returns come together, in whatever order calls return", () => {
  const fold = new HitFold(2);
  for (const record of [stack, hit(1), hit(2), returned(2)]) fold.add(record);
  expect(fold.rows()).toEqual([
    {
      goroutine: 101,
      at: new Date("2026-01-02T03:04:05.678Z"),
      location: frame("net.Listen"),
      values: { address: ":1" },
      stack: [frame("net.Listen"), frame("main.open")],
      caller: frame("main.open"),
      callers: [frame("main.open")],
      created_by: null,
      returned: null,
      socket: null,
      no_socket: "the call had not returned when collecting ended",
      stopped_milliseconds: 1.5,
    },
    expect.objectContaining({ returned: { r1: null }, stopped_milliseconds: 3.5 }),
  ]);
  expect({ count: fold.count, inside: fold.inside }).toEqual({ count: 2, inside: 1 });
});

test("a line that was cut off, or is none of ours, is told from a record", () => {
  const line = Buffer.from(toLine(hit(1))).toString();
  expect(fromLine(line)).toEqual(hit(1));
  expect(fromLine(line.slice(0, -10))).toBeNull();
  expect(fromLine('{"type":"other"}')).toBeNull();
});

test("of very many hits those at both ends are kept, and what lies between is unknown", () => {
  const fold = new HitFold(30);
  fold.add(stack);
  const count = 12_000;
  for (let number = 1; number <= count; number++) {
    fold.add(hit(number));
    fold.add(returned(number));
  }
  const rows = fold.rows();
  const gaps = rows.filter((row) => (row.goroutine as unknown) instanceof Absent);
  expect(gaps).toHaveLength(1);
  expect(rows.length).toBe(count - fold.left + 1);
  expect(rows[0]?.values).toEqual({ address: ":1" });
  expect(rows.at(-1)?.values).toEqual({ address: `:${count}` });
  expect(fold.latest(3).map((row) => row.values.address)).toEqual([":11998", ":11999", ":12000"]);

  const result: CatchResult = { hits: [...rows], count, not_returned: 0, lost: 0, ended_by: "for", truncated: true };
  const blocks = view(spec.parse({ at: ["net.Listen"], read: { address: "address" } }), result);
  const table = blocks.find((block) => block.type === "table");
  expect(table?.type === "table" && table.rows[0]?.slice(0, 4)).toEqual(["1", "101", "main.open", ":1"]);
  const stacks = blocks.filter((block) => block.type === "stack");
  expect(stacks).toHaveLength(1);
  expect(stacks[0]).toMatchObject({
    folded: true,
    title: expect.stringMatching(/^Stack of hits 1, 2, 3, 4, 5, … \(\d+ hits\)$/),
  });
});
