import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createMasker } from "../../src/engine/mask.js";
import { propertyOptions } from "../support/property.js";

const secret = 'pä"ss/wörd+1=';

const masker = () => createMasker(new Map([["token", secret]]));

describe("a masker", () => {
  test.each([
    ["raw", secret],
    ["in JSON", JSON.stringify(secret).slice(1, -1)],
    [
      "in JSON with ASCII only",
      JSON.stringify(secret).slice(1, -1).replaceAll("ä", "\\u00e4").replaceAll("ö", "\\u00f6"),
    ],
    ["in a URL", encodeURIComponent(secret)],
    ["in a URL in lower case", encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase())],
    ["in base64", Buffer.from(secret).toString("base64").replace(/=+$/, "")],
    ["in base64url", Buffer.from(secret).toString("base64url")],
    ["as strace quotes it", 'p\\303\\244\\"ss/w\\303\\266rd+1='],
  ])("hides a secret %s", (_, form) => {
    expect(masker().text(`before ${form} after`)).toBe("before [masked:token] after");
  });

  test("hides what a secret alone decides of Basic authentication, whatever stands before it", () => {
    for (const user of ["a", "ab", "abc", "abcd"]) {
      const text = Buffer.from(`${user}:${secret}@`).toString("base64");
      const masked = masker().text(text);
      expect(masked).toContain("[masked:token]");
      expect(masked.replace("[masked:token]", "").length).toBeLessThan(12);
    }
  });

  test("covers secrets that overlap, and counts each replacement", () => {
    const two = createMasker(
      new Map([
        ["one", "abcdef"],
        ["two", "defghi"],
      ]),
    );
    expect(two.text("xabcdefghix")).toBe("x[masked:one][masked:two]x");
    expect(two.text("defghi, defghi")).toBe("[masked:two], [masked:two]");
    expect(two.counts()).toEqual({ one: 1, two: 3 });
  });

  test("hides secrets in every string of a value, keys included", () => {
    expect(masker().json({ [secret]: [1, null, { deep: `=${secret}` }] })).toEqual({
      "[masked:token]": [1, null, { deep: "=[masked:token]" }],
    });
  });

  test("gives the same bytes however the stream is cut, and never the secret", () => {
    const pieces = fc.array(
      fc.oneof(
        fc.constant(secret),
        fc.constant(secret.slice(0, 5)),
        fc.constant(Buffer.from(secret).toString("base64")),
        fc.constant("aaaaaaaaa"),
        fc.string({ maxLength: 12 }),
      ),
      { maxLength: 12 },
    );
    const cutsOf = fc.array(fc.nat(30), { maxLength: 40 });
    const holds = fc.property(pieces, cutsOf, (texts, cuts) => {
      const secrets = new Map([
        ["token", secret],
        ["again", "aaaaaa"],
      ]);
      const bytes = Buffer.from(texts.join(""));
      const whole = createMasker(secrets).stream();
      const expected = Buffer.concat([whole.push(bytes), whole.end()]);
      const cut = createMasker(secrets).stream();
      const out: Uint8Array[] = [];
      let from = 0;
      for (const size of cuts) {
        out.push(cut.push(bytes.subarray(from, from + size)));
        from += size;
      }
      out.push(cut.push(bytes.subarray(from)), cut.end());
      expect(Buffer.concat(out).toString("hex")).toBe(expected.toString("hex"));
      expect(expected.includes(secret)).toBe(false);
      expect(expected.includes("aaaaaa")).toBe(false);
    });
    fc.assert(holds, propertyOptions("masked streams"));
  });
});
