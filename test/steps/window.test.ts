import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { window } from "../../src/steps/window.js";

it("keeps both ends and counts what is between them", () => {
  const rows = window<number>(() => 1024);
  for (let row = 0; row < 10_000; row++) rows.push(row);
  const eachEnd = 4096;
  expect(rows.first).toEqual(Array.from({ length: eachEnd }, (_, index) => index));
  expect(rows.last()).toEqual(Array.from({ length: eachEnd }, (_, index) => 10_000 - eachEnd + index));
  expect(rows).toMatchObject({ left: 10_000 - 2 * eachEnd, leftSize: (10_000 - 2 * eachEnd) * 1024 });
});

it("holds no more than it keeps when rows are long", () => {
  const long = 256 * 1024;
  const rows = window<Buffer>((row) => row.length);
  const before = process.memoryUsage().external;
  for (let row = 0; row < 2000; row++) rows.push(Buffer.alloc(long));
  expect(rows.last()).toHaveLength(16);
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  expect(process.memoryUsage().external - before).toBeLessThan(1000 * long);
});
