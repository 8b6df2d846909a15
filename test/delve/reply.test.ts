import fc from "fast-check";
import { expect, test } from "vitest";
import { parseReply } from "../../src/delve/rpc/reply.js";

test("an integer that a number cannot hold becomes its digits", () => {
  const line = '{"addr":13758215386640155136,"offset":-9223372036854775808,"pc":6404079,"safe":9007199254740991}';
  expect(parseReply(line)).toEqual({
    addr: "13758215386640155136",
    offset: "-9223372036854775808",
    pc: 6404079,
    safe: 9007199254740991,
  });
});

test("digits inside a text stay as they are, whatever stands around them", () => {
  const value = { text: 'a "13758215386640155136" \\', key13758215386640155136: ":13758215386640155136," };
  expect(parseReply(JSON.stringify(value))).toEqual(value);
});

test("a fraction stays a number", () => {
  expect(parseReply('{"f":1.2345678901234567,"g":12345678901234567e3}')).toEqual({
    f: 1.2345678901234567,
    g: 12345678901234567e3,
  });
});

test("any JSON whose numbers are safe comes out as JSON.parse gives it", () => {
  const seed = Date.now() % 1_000_000;
  const runs = 2000;
  fc.assert(
    fc.property(fc.json(), (text) => {
      const plain: unknown = JSON.parse(text);
      const unsafe = JSON.stringify(plain, (_, value) =>
        typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value) ? 0 : value,
      );
      expect(parseReply(unsafe)).toEqual(JSON.parse(unsafe));
    }),
    { seed, numRuns: runs },
  );
  console.log(`${runs} replies, seed ${seed}`);
});
