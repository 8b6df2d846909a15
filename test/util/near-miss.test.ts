import { expect, it } from "vitest";
import { nearMiss } from "../../src/util/near-miss.js";
import { processorTime } from "../support/processor-time.js";

it.each([
  ["sokets", ["note", "sockets", "processes"], "sockets"],
  ["tilte", ["title", "tile"], "title"],
  ["STATUS", ["state", "status"], "status"],
  ["prot", ["port", "part"], "port"],
  ["brake", ["break", "clear"], "break"],
  ["exitcode", ["exit_code"], "exit_code"],
  ["x", ["y", "z"], null],
  ["id", ["if"], "if"],
  ["run", ["start", "search"], null],
  ["port", ["port"], null],
  ["", ["a"], null],
])("the near miss of %j among %j is %j", (word, candidates, expected) => {
  expect(nearMiss(word, candidates)).toBe(expected);
});

it("stays quick with long words and many candidates", () => {
  const names = Array.from({ length: 10_000 }, (_, index) => `name_${index}`);
  expect(processorTime(() => nearMiss("x".repeat(1_000_000), names))).toBeLessThan(1000);
});
