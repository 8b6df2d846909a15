import { afterEach, expect, test, vi } from "vitest";
import { StopSum } from "../../src/delve/session/stop-sum.js";

afterEach(() => void vi.restoreAllMocks());

test("ten thousand short stops become a few sums, and none is left out", () => {
  let clock = 0;
  vi.spyOn(performance, "now").mockImplementation(() => clock);
  const told: [times: number, milliseconds: number][] = [];
  const sum = new StopSum((times, milliseconds) => told.push([times, milliseconds]));
  for (let stop = 0; stop < 10_000; stop++) {
    clock += 3;
    sum.add(2);
  }
  sum.flush();
  sum.flush();
  expect(told).toHaveLength(6);
  expect(told.reduce((all, [times]) => all + times, 0)).toBe(10_000);
  expect(told.reduce((all, [, milliseconds]) => all + milliseconds, 0)).toBe(20_000);
});
