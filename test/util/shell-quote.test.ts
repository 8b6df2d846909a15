import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { quoteWords } from "../../src/util/shell-quote.js";
import { propertyOptions } from "../support/property.js";

test("a shell takes quoted words as they were", () => {
  const word = fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => text.replace(/\0/g, "0"));
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (words) => {
      const text = execFileSync("/bin/sh", ["-c", `printf '%s\\0' ${quoteWords(["x", ...words])}`], {
        encoding: "utf8",
      });
      expect(text).toBe(["x", ...words].map((each) => `${each}\0`).join(""));
    }),
    propertyOptions("quoteWords", 60),
  );
});

test("plain words stay plain, and an assignment in front is none", () => {
  expect(quoteWords(["casebook", "run", "a.yaml", "-i", "port=80", "it's"])).toBe(
    "casebook run a.yaml -i port=80 'it'\\''s'",
  );
  expect(quoteWords(["a=b", "c=d"])).toBe("'a=b' c=d");
});
