import { describe, expect, test } from "vitest";
import { casebook, runText } from "../../support/casebook.js";
import { scratch } from "../../support/scratch.js";

const head = "casebook: 1\ntitle: Since a step\ninputs: { dir: { type: path } }\nsteps:\n";

const texts = (result: unknown): readonly string[] =>
  (result as { lines: readonly { text: string }[] }).lines.map(({ text }) => text);

async function run(steps: string, files: Readonly<Record<string, string>>) {
  const dir = await scratch(files);
  return await runText(`${head}${steps}`, ["--allow", "perturb", "-i", `dir=${dir}`]);
}

describe("a file that is read since a step", () => {
  test("gives what was written after that step began, whichever step it is, also without any times", async () => {
    const ran = await run(
      `
  - { id: one, run: 'echo from-one >>"$dir/log"' }
  - { id: two, run: 'echo from-two >>"$dir/log"' }
  - { id: seen_one, log: { file: "{{dir}}/log", since: one } }
  - { id: seen_two, log: { file: "{{dir}}/log", since: two } }
  - { id: found, log: { file: "{{dir}}/log", since: one, contains: two } }
`,
      { log: "before\n" },
    );
    expect(ran.code, ran.stderr).toBe(0);
    expect(texts(ran.finished("seen_one").result)).toEqual(["from-one", "from-two"]);
    expect(texts(ran.finished("seen_two").result)).toEqual(["from-two"]);
    expect(ran.finished("found").result).toMatchObject({ count: 1, searched: 2, truncated: false });
    // Where reading began stands in the journal: what was noted when the step began, and what was made of it.
    const marks = ran.of("mark-noted").map(({ step, for: by, mark }) => [step, by, (mark as { size: number }).size]);
    expect(marks).toEqual([
      ["one", "seen_one", 7],
      ["one", "found", 7],
      ["two", "seen_two", 16],
    ]);
    expect(ran.finished("seen_two")).toMatchObject({ observation: { from: { size: 16 } }, result: { from_byte: 16 } });
    expect(ran.of("command-started").filter(({ step, argv }) => step === "two" && argv.includes("mark"))).toHaveLength(
      1,
    );
  });

  test("gives that also from inside an instrument and through a rotation", async () => {
    const ran = await run(
      `
  - id: program
    start: { command: [sleep, "60"] }
    during:
      - { id: rotates, run: 'cd "$dir"; echo old-file >>log; mv log log.1; echo late >>log.1; echo new-file >log' }
      - { id: inside, log: { file: "{{dir}}/log", since: program } }
  - { id: behind, log: { file: "{{dir}}/log", since: rotates } }
  - { id: at_the_end, log: { file: "{{dir}}/log", since: inside } }
`,
      { log: "before\n" },
    );
    expect(ran.code, ran.stderr).toBe(0);
    for (const step of ["inside", "behind"]) {
      expect(texts(ran.finished(step).result)).toEqual(["old-file", "late", "new-file"]);
    }
    expect(texts(ran.finished("at_the_end").result)).toEqual([]);
  });

  test("may appear only later, and is then read from its beginning", async () => {
    const ran = await run(
      `
  - { id: makes, run: 'echo first >"$dir/log"' }
  - { id: seen, log: { file: "{{dir}}/log", since: makes } }
`,
      {},
    );
    expect(texts(ran.finished("seen").result)).toEqual(["first"]);
  });

  test("is the probe of a diff as well", async () => {
    const ran = await run(
      `
  - { id: writes, run: 'echo counted >>"$dir/log"' }
  - id: changed
    diff: { log: { file: "{{dir}}/log", since: writes }, key: [text] }
    during: [{ run: 'echo added >>"$dir/log"' }]
    expect: { one_line: 'result.added.map(line, line.text) == ["added"]' }
`,
      { log: "before\n" },
    );
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.of("expectation")[0]).toMatchObject({ name: "one_line", holds: true });
  });

  test("whose name is known only after that step falls back on the times of its lines, or says what is missing", async () => {
    const ran = await run(
      `
  - { id: names, run: 'date -u +%FT%T.%3NZ\\ late >>"$dir/timed"; echo "$dir"', save: { where: result.stdout } }
  - { id: timed, log: { file: "{{where}}/timed", since: names } }
  - { id: untimed, log: { file: "{{where}}/untimed", since: names }, on_fail: continue }
`,
      { timed: "2020-01-01T00:00:00Z early\n", untimed: "no time\n" },
    );
    expect(ran.code, ran.stderr).toBe(0);
    expect(texts(ran.finished("timed").result)).toEqual([expect.stringContaining("late")]);
    expect(ran.finished("untimed").reason).toBe(
      "no line tells its time, so it is not known what was written since names",
    );
    expect(ran.finished("untimed").remedy).toContain("a name that has its value before names begins");
  });
});

test("a `since` that names no step, or a later one, is a mistake with a near miss", async () => {
  const cwd = await scratch({
    "a.yaml": `casebook: 1
title: Since
steps:
  - { id: one, run: "true" }
  - { log: { file: /var/log/syslog, since: onne } }
  - { log: { file: /var/log/syslog, since: late } }
  - { id: late, log: { file: /var/log/syslog, since: "{{one.started_at}}" } }
`,
  });
  const { code, stdout } = await casebook(["check", "a.yaml"], { cwd });
  expect(code).toBe(65);
  expect(stdout).toContain('or the id of a step that has begun, found "onne"');
  expect(stdout).toContain('did you mean "one"?');
  expect(stdout).toContain('"late" cannot be used here');
  expect(stdout).toContain("2 mistakes");
});
