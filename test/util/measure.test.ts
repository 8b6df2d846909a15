import { expect, test } from "vitest";
import { bytes, count, duration } from "../../src/util/measure.js";

test("durations are given to the digit that matters", () => {
  expect([0, 0.4, 12, 999, 1234, 59_949, 59_951, 125_000, 3_600_000, 3_725_000].map(duration)).toEqual([
    "0 ms",
    "0.4 ms",
    "12 ms",
    "999 ms",
    "1.2 s",
    "59.9 s",
    "1 min 00 s",
    "2 min 05 s",
    "1 h 00 min",
    "1 h 02 min",
  ]);
});

test("sizes are given in powers of 1024", () => {
  expect([0, 1, 1023, 1024, 1536, 2 ** 30].map(bytes)).toEqual([
    "0 bytes",
    "1 byte",
    "1023 bytes",
    "1.0 KiB",
    "1.5 KiB",
    "1.0 GiB",
  ]);
});

test("amounts carry their noun", () => {
  expect([count(0, "line"), count(1, "line"), count(12_345, "line"), count(2, "entry", "entries")]).toEqual([
    "no lines",
    "1 line",
    "12 345 lines",
    "2 entries",
  ]);
});
