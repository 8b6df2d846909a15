import { expect, test } from "vitest";
import { clip, widthOf } from "../../src/util/clip.js";
import { hostileTexts } from "../support/property.js";

test.each([
  ["fits", 4, "fits"],
  ["does not", 4, "doe…"],
  ["日本語", 6, "日本語"],
  ["日本語", 5, "日本…"],
  ["日本語", 4, "日…"],
  ["é́é́é́", 2, "é́…"],
  ["one", 1, "…"],
  ["one", 0, ""],
  ["one", -3, ""],
])("of %j in %i columns stays %j", (text, columns, kept) => {
  expect(clip(text, columns)).toBe(kept);
});

test("whatever the text, it never takes more columns than there are", () => {
  for (const text of hostileTexts) {
    for (let columns = 0; columns < 30; columns++) expect(widthOf(clip(text, columns))).toBeLessThanOrEqual(columns);
  }
});
