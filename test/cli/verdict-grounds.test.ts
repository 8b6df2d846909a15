import { expect, test } from "vitest";
import { runText } from "../support/casebook.js";

const head = "casebook: 1\ntitle: Test\nquestion: Which?\n";

test("a verdict names the values that its rule reads and leads to the line that shows them", async () => {
  const ran = await runText(`${head}steps:
  - id: table
    run: { command: "seq 1000 1200; echo the-needle", parse: lines }
    save: { last: 'result.lines[size(result.lines) - 1]', few: size(result.lines) }
    expect: { any: few > 3 }
verdict:
  - { answer: found, when: 'table.expect.any && last == "the-needle"', says: "It is {{last}}, of {{few}}." }
`);
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.of("verdict")[0]?.rests_on).toEqual([
    expect.objectContaining({ step: "table", expectation: "any", seen: { "table.expect.any": true } }),
    expect.objectContaining({ step: "table", expectation: null, seen: { last: "the-needle", few: 202 } }),
  ]);
  const markdown = await ran.report("md");
  const ground = '`last` = `"the-needle"`, `few` = `202`; [stdout, line 202](#step-table-stdout): `the-needle`';
  expect(markdown).toContain(ground);
  expect(await ran.report("html")).toContain('<a href="#step-table-stdout-L202">stdout, line 202</a>');
});

test("a value that was made from a saved one leads on to the step that saved that", async () => {
  const ran = await runText(`${head}steps:
  - { id: seen, run: "seq 1000 1100; echo the-needle", save: { last: 'result.stdout.split("\\n")[101]' } }
  - { id: other, run: echo other, save: { made: 'last + "-in-hay"' } }
verdict:
  - { answer: found, when: made != null, says: "{{made}}" }
`);
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.of("verdict")[0]?.rests_on).toMatchObject([
    { step: "other", seen: { made: "the-needle-in-hay" } },
    { step: "seen", seen: { last: "the-needle" } },
  ]);
  expect(await ran.report("md")).toContain("[stdout, line 102](#step-seen-stdout): `the-needle`");
});

test("a long value that a rule reads is left to the step that saw it", async () => {
  const ran = await runText(`${head}steps:
  - { id: rows, run: { command: "seq 1 400", parse: lines } }
verdict:
  - { answer: many, when: size(rows.lines) > 3, says: Many. }
`);
  expect(ran.of("verdict")[0]?.rests_on).toMatchObject([{ step: "rows", seen: {} }]);
});

test("the answer of a used runbook is linked to what it rests on", async () => {
  const part = `casebook: 1
title: Part
question: Is it?
steps:
  - { id: seen, run: echo yes-it-is, expect: { says_yes: 'result.stdout == "yes-it-is"' } }
verdict: [{ answer: it_is, when: seen.expect.says_yes, says: It is. }]
`;
  const ran = await runText(
    `${head}steps:
  - { id: part, use: part.yaml }
verdict: [{ answer: so_it_is, when: 'part.verdict.answer == "it_is"', says: So. }]
`,
    [],
    { files: { "part.yaml": part } },
  );
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.finished("part").rests_on).toMatchObject([{ step: "part.seen", expectation: "says_yes" }]);
  const markdown = await ran.report("md");
  expect(markdown).toContain('- [part](#step-part), `part.verdict.answer` = `"it_is"`');
  expect(markdown).toContain(
    "Its answer rests on:\n\n- [part.seen.says_yes](#step-part.seen-expect-says_yes) of part.seen",
  );
  expect(await ran.report("html")).toContain('<a href="#step-part.seen-stdout-L1">stdout, line 1</a>');
});

test("an undecided question shows each rule that does not hold, and with which values", async () => {
  const ran = await runText(`${head}steps:
  - { id: one, run: echo x, expect: { is_y: 'result.stdout == "y"' } }
  - { id: two, when: false, run: echo z, save: { z: result.stdout } }
verdict:
  - { answer: y, when: one.expect.is_y, says: Y. }
  - { answer: z, when: 'z == "z"', says: Z. }
`);
  expect(ran.code).toBe(2);
  expect(ran.of("verdict")[0]?.passed_over).toMatchObject([
    { answer: "y", when: "one.expect.is_y", holds: false, seen: { "one.expect.is_y": false } },
    { answer: "z", when: 'z == "z"', holds: null, because: expect.stringContaining("z is null") },
  ]);
  const markdown = await ran.report("md");
  expect(markdown).toContain("**No rule of the verdict holds.**");
  expect(markdown).toContain("| `y` | `one.expect.is_y` | does not hold | `one.expect.is_y` = `false` |");
  expect(await ran.report("html")).toContain("No rule of the verdict holds.");
  expect(ran.stdout).toContain("undecided: no rule of the verdict holds");
});
