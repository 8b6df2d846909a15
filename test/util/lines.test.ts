import fc from "fast-check";
import { expect, test } from "vitest";
import { splitLines } from "../../src/util/lines.js";

async function lines(chunks: readonly string[], limit = 1000): Promise<[string, boolean][]> {
  const all: [string, boolean][] = [];
  for await (const line of splitLines(
    chunks.map((chunk) => Buffer.from(chunk)),
    limit,
  )) {
    all.push([Buffer.from(line.bytes).toString(), line.cut]);
  }
  return all;
}

test("a last line without a newline counts, nothing after a last newline does not", async () => {
  expect(await lines(["a\nb"])).toEqual([
    ["a", false],
    ["b", false],
  ]);
  expect(await lines(["a\n", "\n"])).toEqual([
    ["a", false],
    ["", false],
  ]);
  expect(await lines([])).toEqual([]);
});

test("of a line beyond the limit only the beginning is held", async () => {
  expect(await lines(["abc", "defg\nhi", "j\n"], 4)).toEqual([
    ["abcd", true],
    ["hij", false],
  ]);
});

test("however the chunks are cut, the lines are those of the text", async () => {
  const seed = Date.now() % 2 ** 31;
  console.log(`200 texts, seed ${seed}`);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.stringMatching(/^[ab\n]{0,6}$/)), async (chunks) => {
      const text = chunks.join("");
      const whole = text === "" ? [] : text.replace(/\n$/, "").split("\n");
      expect((await lines(chunks)).map(([line]) => line)).toEqual(whole);
    }),
    { numRuns: 200, seed },
  );
});
