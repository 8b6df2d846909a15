import { describe, expect, test } from "vitest";
import { runText } from "../support/casebook.js";

const head = "casebook: 1\ntitle: What is null\n";
const optional = "inputs: { port: { type: integer, optional: true }, name: { optional: true } }\n";

describe("a field that is one mustache of a null", () => {
  test("counts as not written: a title, a note, an environment variable, an expectation's and a verdict's words", async () => {
    const ran = await runText(`${head}${optional}steps:
  - id: one
    title: "{{name}}"
    note: "{{name}}"
    env: { LEFT_OUT: "{{name}}", KEPT: "yes" }
    run: 'echo "\${LEFT_OUT-unset} $KEPT"'
    expect: { said: { that: 'result.stdout == "unset yes"', says: "{{name}}" } }
verdict: [{ answer: fine, when: one.expect.said, says: Seen., advice: "{{name}}" }]
`);
    expect(ran.stderr + ran.stdout).toContain("fine: Seen.");
    expect(ran.code).toBe(0);
    expect(ran.of("step-started")[0]).toMatchObject({ title: null, note: null });
    expect(ran.of("run-started")[0]?.runbook.steps[0]?.title).toBe("");
    expect(ran.stderr).not.toContain("‹");
    expect(ran.of("expectation")[0]).toMatchObject({ holds: true, says: null });
    expect(ran.of("verdict")[0]?.advice).toBeNull();
  });

  test("but within other text it fails the step and says which name was null", async () => {
    const ran = await runText(`${head}${optional}steps:
  - { id: one, title: "on {{name}}", run: "true", on_fail: continue }
  - { id: two, env: { A: "x{{name}}" }, run: "true", on_fail: continue }
  - { id: three, run: [echo, "{{name}}"] }
`);
    expect(ran.code).toBe(3);
    expect(ran.finished("one").reason).toMatch(/title: \{\{name\}\} is null/);
    expect(ran.finished("two").reason).toMatch(/env A: \{\{name\}\} is null/);
    expect(ran.finished("three").reason).toMatch(
      /^run: command\.1: \{\{name\}\} is null: the input name was not given$/,
    );
  });
});

describe("what cannot be without a value", () => {
  test("fails the step and says which name was null", async () => {
    const ran = await runText(`${head}inputs: { url: { optional: true }, hosts: { type: list, optional: true } }
steps:
  - { id: one, http: { get: "{{url}}" }, on_fail: continue }
  - { id: two, for_each: "{{hosts}}", run: "true", on_fail: continue }
  - { id: three, search: { code: x, in: "{{url}}" } }
`);
    expect(ran.code).toBe(3);
    expect(ran.finished("one").reason).toBe(
      "http: expected exactly one of get, head, post, put and delete, found none; " +
        "without get: {{url}} is null: the input url was not given",
    );
    expect(ran.finished("two").reason).toBe(
      "for_each: expected a list, but {{hosts}} is null: the input hosts was not given",
    );
    expect(ran.finished("three").reason).toBe(
      'search: "in" is missing: "code" needs it; without in: {{url}} is null: the input url was not given',
    );
  });
});

describe("a comparison with a null", () => {
  test("of an optional input is unknown either way, but for the literal null", async () => {
    const ran = await runText(`${head}${optional}steps:
  - id: one
    run: "true"
    expect: { equal: port == 80, other: port != 80, absent: port == null, safe: "port == null || port == 80" }
  - { id: two, when: port != 80, run: "true" }
verdict:
  - { answer: invented, when: port != 80 }
`);
    expect(ran.code).toBe(2);
    expect(ran.of("expectation").map(({ name, holds }) => [name, holds])).toEqual([
      ["equal", null],
      ["other", null],
      ["absent", true],
      ["safe", true],
    ]);
    expect(ran.finished("two")).toMatchObject({ outcome: "skipped" });
    expect(ran.finished("two").reason).toContain("the input port was not given");
  });

  test("of what a skipped or failed round would have saved is unknown too", async () => {
    const ran = await runText(`${head}steps:
  - id: rounds
    for_each: [a, b, c]
    when: item != "c"
    run: 'echo "$item"; [ "$item" != b ]'
    on_fail: continue
    save: { letter: result.stdout }
  - id: after
    run: "true"
    expect:
      first: rounds[0].save.letter == "a"
      failed: rounds[1].save.letter == null
      skipped: rounds[2].save.letter == null
      unknown: rounds[2].save.letter != "a"
`);
    expect(ran.code).toBe(0);
    expect(ran.of("expectation").map(({ holds }) => holds)).toEqual([true, true, true, null]);
  });
});

describe("a condition that cannot be evaluated", () => {
  test("in the verdict fails the run instead of trying the next rule", async () => {
    const ran = await runText(`${head}steps: [{ id: one, run: echo many }]
verdict:
  - { answer: few, when: int(one.stdout) < 3 }
  - { answer: wrong }
`);
    expect(ran.code).toBe(3);
    expect(ran.of("verdict")).toEqual([]);
    expect(ran.stderr + ran.stdout).toMatch(/rule for the answer few: .*no integer \(one\.stdout = "many"\)/);
    expect(await ran.report("md")).toContain("No verdict: the run failed, because the rule for the answer few");
  });

  test("because it is no condition fails the step", async () => {
    const ran = await runText(`${head}steps:
  - { id: one, run: { command: "echo '{\\"flag\\": \\"yes\\"}'", parse: json } }
  - { id: two, when: one.json.flag, run: "true", on_fail: continue }
  - { id: three, run: "true", retry: { times: 1, until: one.json.flag } }
`);
    expect(ran.code).toBe(3);
    expect(ran.finished("two").reason).toMatch(/expected true or false, found "yes"/);
    expect(ran.finished("three").reason).toMatch(/expected true or false, found "yes"/);
  });
});

describe("a command that no kernel takes", () => {
  test("fails its step with the remedy, and is no bug", async () => {
    const ran = await runText(`${head}steps:
  - { id: zero, run: "printf 'a\\\\000b'" }
  - { id: long, run: "head -c 60000 /dev/zero | tr '\\\\0' x" }
  - { id: one, run: [echo, "{{zero.stdout}}"], on_fail: continue }
  - { id: two, run: [echo, "{{long.stdout}}{{long.stdout}}{{long.stdout}}"], on_fail: continue }
  - { id: three, env: { A: "{{zero.stdout}}" }, run: "true" }
`);
    expect(ran.code).toBe(3);
    expect(ran.finished("one").reason).toMatch(/without a zero byte as argument 1/);
    expect(ran.finished("two")).toMatchObject({ remedy: "give it to the command's stdin" });
    expect(ran.finished("two").reason).toMatch(/less than 128 KiB as argument 1, found 180000 bytes/);
    expect(ran.finished("three").reason).toMatch(/environment variable A/);
  });
});
