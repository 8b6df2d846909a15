import { expect, it } from "vitest";
import { parseExactJson } from "../../src/util/exact-json.js";
import { processorTime } from "../support/processor-time.js";

it.each([
  ["[1, 2.5, -3, 1e3]", [1, 2.5, -3, 1000]],
  ["9007199254740991", 9007199254740991],
  ["9007199254740993", "9007199254740993"],
  ['{"id": -12345678901234567890, "n": 1}', { id: "-12345678901234567890", n: 1 }],
  [
    '{"12345678901234567890": "a 12345678901234567890 \\" 12345678901234567890"}',
    { "12345678901234567890": 'a 12345678901234567890 " 12345678901234567890' },
  ],
  ["[0.12345678901234567890, 1e400]", [0.12345678901234568, "1e400"]],
])("%s comes out as it is written", (text, expected) => {
  expect(parseExactJson(text)).toEqual(expected);
});

it("refuses what is no JSON", () => {
  expect(() => parseExactJson("[12345678901234567890,")).toThrow(SyntaxError);
});

it("stays quick with long texts of digits and quotes", () => {
  const text = JSON.stringify(Array.from({ length: 200_000 }, (_, index) => `${index}\\"1234567890123456789`));
  expect(processorTime(() => parseExactJson(text))).toBeLessThan(2000);
});
