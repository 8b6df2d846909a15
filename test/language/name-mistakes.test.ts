import { describe, expect, test } from "vitest";
import { head, mistakesOf, ofSteps } from "../support/mistakes.js";

describe("check names each mistake with a name once, with the remedy:", () => {
  test("what only some places of a step know", async () => {
    expect(await ofSteps("  - { run: x, when: result.exit_code == 0 }\n  - { run: [echo, '{{item}}'] }\n")).toEqual([
      `4:21 "result" cannot be used here: it is what came of a step, for its save, require, expect and until; elsewhere write the step's id`,
      '5:22 "item" cannot be used here: it is the element of a for_each, for that step alone',
    ]);
  });

  test("the element of a for_each that names it", async () => {
    expect(
      await ofSteps(
        `  - { for_each: { port: "[1]" }, run: 'echo "$item"', expect: { a: item == 1 } }\n  - { run: x, when: item == 1 }\n`,
      ),
    ).toEqual([
      '4:46 "item" cannot be used here: the element is called "port" here',
      '4:68 "item" cannot be used here: the element is called "port" here',
      '5:21 "item" cannot be used here: it is the element of a for_each, for that step alone',
    ]);
  });

  test("a name that cannot be had, without what its absence would mean", async () => {
    expect(
      await mistakesOf(`${head}inputs: { in: {}, host: {} }
steps:
  - { id: log, start: { command: [x] }, during: [{ sockets: { pid: "{{log.pid}}" } }, { log: { of: log } }] }
  - { id: item, run: 'x "$level"', save: { level: result.stdout }, expect: { fine: "true" } }
  - { id: Two, run: ["{{level}}", "{{item.stdout}}"] }
  - { id: host, run: x, expect: { fine: "true" } }
  - { note: "{{Two.stdout}} {{in}} {{#each log.lines}}{{this}}{{/each}}", when: item.expect.fine && host.expect.fine }
  - { for_each: 5, run: [x, "{{item}}"] }
  - { for_each: { one: 5 }, run: [x, "{{one}}"] }
verdict: [{ answer: a, when: log.outcome == "ok" && host.outcome == "ok" }]
`),
    ).toEqual([
      '3:11 "in" is reserved for conditions (choose another name)',
      '5:11 "log" is reserved for templates (choose another name)',
      '6:11 "item" is reserved for the element of a for_each (choose another name)',
      '6:44 "level" is reserved for log_level (choose another name)',
      '7:11 expected a name of lower-case letters, digits and _ that begins with a letter, found "Two" (for example "two")',
      '8:11 "host" is defined twice: here as the id of a step, on line 3 as an input (give one of them another name)',
      '10:17 "for_each": expected a list, found 5',
      '11:24 "for_each": expected a list, found 5',
    ]);
  });

  test("what a step's own fields leave out of its result", async () => {
    expect(
      await ofSteps(`  - { id: plain, run: x, expect: { a: size(result.lines) > 0, b: result.json.a == 1 } }
  - { id: rows, run: { command: x, parse: csv }, expect: { c: size(result.rows) > 0, d: size(result.lines) > 0 } }
  - { id: open, run: { command: x, parse: "{{plain.stdout}}" }, expect: { e: "result.json.a == result.rows[0].b" } }
  - { id: got, http: { get: "http://x" }, expect: { f: result.json.a == 1, g: size(result.rows) > 0 } }
  - { for_each: ["{{plain.rows}}"], run: [x, "{{rows.rows.0.a}}"] }
`),
    ).toEqual([
      '4:73 expected a field of result that this step fills, found "json" (write parse: json)',
      '5:101 expected a field of result that this step fills, found "lines" (write parse: lines)',
      '7:91 expected a field of result that this step fills, found "rows" (write parse: table, parse: csv, or a pattern with named groups)',
      '8:27 expected a field of plain that this step fills, found "rows" (write parse: table, parse: csv, or a pattern with named groups)',
    ]);
  });

  test("what is no step that the place can name", async () => {
    expect(
      await ofSteps(`  - { id: one, run: x }
  - { log: { of: one } }
  - id: two
    start: { command: [x] }
    during: [{ log: { of: tow } }, { log: { of: two, since: one } }, { log: { of: three } }]
  - { log: { of: two } }
  - { id: three, log: { file: /x, since: 1 hour } }
`),
    ).toEqual([
      '5:18 expected the id of a "start" step around this one, found "one"',
      '8:27 expected the id of a "start" step around this one, found "tow" (did you mean "two"?)',
      '8:83 "three" cannot be used here: it is the id of the step on line 10, which comes later',
      '9:18 expected the id of a "start" step around this one, found "two"',
      '10:42 expected a time such as 2026-01-31T12:00:00Z, a duration back such as 5m, or the id of a step that has begun, found "1 hour"',
    ]);
  });

  test("a mustache around the level in a shell text", async () => {
    expect(
      await ofSteps(`  - log_level: { command: { set: "x {{level}}" }, to: 1, was: 0 }
    during: [{ run: "{{level}}x" }]
`),
    ).toEqual([
      '4:37 expected a shell text without mustaches, found {{level}}: values reach a shell as environment variables (write "$level")',
    ]);
  });

  test("a name in the arithmetic of a shell text, which would be 0 there", async () => {
    expect(
      await mistakesOf(`${head}inputs: { port: { type: integer } }\nsteps: [{ run: "echo $((port + 1))" }]\n`),
    ).toEqual(["4:25 expected $ before port: only what is mentioned as $port is given to a shell (write $port)"]);
  });

  test("a mustache in an answer, which nothing fills in", async () => {
    expect(await mistakesOf(`${head}inputs: { a: {} }\nsteps: [{ run: x }]\nverdict: [{ answer: "{{a}}" }]\n`)).toEqual(
      ['5:21 expected a name, found a mustache, which nothing fills in here (values go into "says")'],
    );
  });

  test("a saved value above the one that it is made of; below it, in `require` and in `says` it is known", async () => {
    const step = (...saved: readonly string[]) => `  - id: a
    run: [echo]
    save: { ${saved.join(", ")} }
    require: count == 1
    expect: { one: { that: "size(seen) == count", says: "{{count}} of {{seen}}" } }
`;
    const [seen, count] = ["seen: result.lines", "count: size(seen)"];
    expect(await ofSteps(step(seen, count))).toEqual([]);
    expect(await ofSteps(step(count, seen))).toEqual([
      '6:25 "seen" cannot be used here: it is saved only later, on line 6',
    ]);
  });
});
