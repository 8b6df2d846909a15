import { expect, test } from "vitest";
import { CsvError, parseCsv } from "../../src/util/csv.js";

test.each([
  [
    "a,b\n1,2\n",
    [
      ["a", "b"],
      ["1", "2"],
    ],
  ],
  [
    "a,b\r\n1,2",
    [
      ["a", "b"],
      ["1", "2"],
    ],
  ],
  ['"a,b",c\n', [["a,b", "c"]]],
  ['"say ""hi""",x\n', [['say "hi"', "x"]]],
  ['"two\nlines",x\n', [["two\nlines", "x"]]],
  [
    "a,\n,b\n",
    [
      ["a", ""],
      ["", "b"],
    ],
  ],
  ["a,", [["a", ""]]],
  ["a,\r\nb", [["a", ""], ["b"]]],
  ["a\n\n\nb\n", [["a"], ["b"]]],
  ['a\n""\n\nb\n', [["a"], [""], ["b"]]],
  [
    'a,b\r"1\r2",\r3,4\r',
    [
      ["a", "b"],
      ["1\r2", ""],
      ["3", "4"],
    ],
  ],
  ["", []],
  ['a"b,c\n', [['a"b', "c"]]],
])("%j is read as RFC 4180 says", (text, records) => {
  expect(parseCsv(text)).toEqual(records);
});

test("a quoted field that never ends is told with its line", () => {
  expect(() => parseCsv('a,b\n"x\ny\n')).toThrow(expect.objectContaining({ name: "CsvError", line: 2 }));
});

test("text behind a closing quote is told with its line", () => {
  expect(() => parseCsv('a\n"x"y\n')).toThrow(CsvError);
});
