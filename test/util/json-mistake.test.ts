import { expect, test } from "vitest";
import { findJsonMistake } from "../../src/util/json-mistake.js";

test.each([
  ["", 1, 1, "the end of the text"],
  ["{", 1, 2, "the end of the text"],
  ['{"a": 1,\n "b" 2}', 2, 6, '"2}"'],
  ["[1,\n2,]", 2, 3, '"]"'],
  ["[1 2]", 1, 4, '"2]"'],
  ["nul", 1, 1, '"nul"'],
  ['{"a": 01}', 1, 8, '"1}"'],
  ['"abc', 1, 1, '"\\"abc"'],
  ["{}x", 1, 3, '"x"'],
  ["{'a': 1}", 1, 2, `"'a': 1}"`],
  ["[1}", 1, 3, '"}"'],
])("%j goes wrong at line %i, column %i", (text, line, column, found) => {
  expect(() => JSON.parse(text)).toThrow();
  expect(findJsonMistake(text)).toEqual({ line, column, found });
});
