import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { casebook, runText } from "../support/casebook.js";
import { scratch } from "../support/scratch.js";

const head = "casebook: 1\ntitle: Mistakes\n";

/** What `check` says of each mistake: `line:column message (hint)`. */
async function mistakesOf(text: string): Promise<readonly string[]> {
  const file = join(await scratch({ "a.yaml": text }), "a.yaml");
  const ran = await casebook(["check", file]);
  expect(ran.code).toBe(ran.stdout.includes("no mistakes") ? 0 : 65);
  return ran.stdout
    .split("\n\n")
    .filter((frame) => frame.includes(": error: "))
    .map((frame) => {
      const [, place, message] = /a\.yaml:(\d+:\d+): error: (.*) \[[a-z-]+\]$/m.exec(frame) ?? [];
      const hint = / {2}= (.*)$/m.exec(frame)?.[1];
      return `${place} ${message}${hint === undefined ? "" : ` (${hint})`}`;
    });
}

const ofSteps = (steps: string) => mistakesOf(`${head}steps:\n${steps}`);

describe("check names each mistake once, with the remedy:", () => {
  test("a condition that YAML takes for a tag, whatever it calls", async () => {
    expect(
      await ofSteps(`  - { id: a, run: x }
  - run: x
    when: !a.lines.exists(l, l == "b")
  - run: x
    when: !(a.exit_code == 0)
`),
    ).toEqual([
      `6:11 YAML reads ! as the start of a tag, and tags are not allowed (quote it: '!a.lines.exists(l, l == "b")')`,
      `8:11 YAML reads ! as the start of a tag, and tags are not allowed (quote it: "!(a.exit_code == 0)")`,
    ]);
  });

  test("a text that is never closed, where it begins", async () => {
    expect(await ofSteps(`  - { id: a, run: 'x' }\n  - run: "echo\n  - run: y\n`)).toEqual([
      '5:10 not YAML: the closing " of this text is missing',
    ]);
  });

  test("what stands before a line on which YAML loses its way, beside that line", async () => {
    const before = "  - { id: one, runn: x }\n  - { run: x, when: 'later == 1', expect: { a: '1 +' } }\n";
    const said = [
      '4:16 unknown kind "runn" (did you mean "run"?)',
      "5:52 expected a value, found the end",
      "7:1 not YAML: sequence item without - indicator",
    ];
    expect(await ofSteps(`${before}  - id: two\n   run: x\n  - { id: later, sockets: { prot: 1 } }\n`)).toEqual(said);
    expect(await ofSteps(`${before}  - run: "x\n  - { id: later, run: x }\n`)).toEqual([
      ...said.slice(0, 2),
      '6:10 not YAML: the closing " of this text is missing',
    ]);
  });

  test("a list or a map that is never closed, where it begins", async () => {
    expect(await ofSteps("  - run: [echo, a\n  - run: y\n")).toEqual([
      "4:10 not YAML: the closing ] of this list is missing",
    ]);
    expect(await ofSteps('  - { run: "a"\n')).toEqual(["4:5 not YAML: the closing } of this map is missing"]);
  });

  test("a duration that no timer takes", async () => {
    expect(await ofSteps("  - { run: x, timeout: 30d }\n")).toEqual([
      '4:24 "timeout": expected a duration such as 250ms, 30s or 5m, at most 24d, found "30d"',
    ]);
  });

  test("a second document without a marker, where it begins", async () => {
    expect(await mistakesOf(`${head}steps: [{ run: x }]\n...\nmore: 1\n`)).toEqual([
      "5:1 expected one document, found another (a file for each)",
    ]);
  });

  test("a block that is not closed, or ends none", async () => {
    expect(await ofSteps(`  - note: "{{#if a}} x"\n  - note: "x {{/each}}"\n`)).toEqual([
      "4:12 expected an end of {{#if a}}, found none",
      "5:14 found {{/each}}, which ends no open block",
    ]);
  });

  test("a kind's field beside the kind, and a step's key inside it", async () => {
    expect(
      await ofSteps('  - { run: x, cwd: / }\n  - http: { get: "http://x", timeout: 5s, on_fail: stop }\n'),
    ).toEqual([
      '4:15 unknown key "cwd" (it is a field of "run": write run: { cwd: … })',
      '5:30 unknown key "timeout" (it is a key of the step: write it beside "http")',
      '5:43 unknown key "on_fail" (it is a key of the step: write it beside "http")',
    ]);
  });

  test("a misspelt key, without what its absence would mean", async () => {
    expect(await ofSteps('  - http: { gett: "http://x" }\n')).toEqual([
      '4:13 unknown key "gett" (did you mean "get"?)',
    ]);
  });

  test("a hypothesis that is no text, without what its absence would mean", async () => {
    expect(
      await mistakesOf(`${head}hypotheses: { one: "", two: The second. }
steps: [{ run: x, expect: { a: { that: "true", supports: [one, two] } } }]
`),
    ).toEqual(['3:20 "one": expected at least 1 character, found ""']);
  });

  test("a way to parse that was meant, and a pattern as it was written", async () => {
    const [near, pattern] = await ofSteps(
      "  - run: { command: x, parse: jsn }\n  - run: { command: x, parse: '(?P<a>x' }\n",
    );
    expect(near).toMatch(/found no named group in it: did you mean "json"\?$/);
    expect(pattern).toMatch(/missing closing \): `\(\?P<a>x`$/);
  });

  test("a name of a header that is none, where it stands", async () => {
    expect(await ofSteps('  - http: { get: "http://x", headers: { "A B": c } }\n')).toEqual([
      `4:41 expected a header's name, found "A B"`,
    ]);
  });

  test("numbers that cannot be", async () => {
    expect(
      await ofSteps(`  - sockets: { port: 70000 }
  - processes: { pid: -1 }
  - search: { code: x, in: /, limit: 0 }
  - run: { command: x, stdin: null }
`),
    ).toEqual([
      '4:22 "port": expected an integer from 1 to 65535, found 70000',
      '5:23 "pid": expected an integer of at least 1, found -1',
      '6:38 "limit": expected 1 to 100000 matches, found 0',
      '7:31 "stdin": expected what the program reads, found nothing',
    ]);
  });

  test("a duration without its unit, also where a kind takes one", async () => {
    const [wait, ready] = await ofSteps(
      "  - log: { file: /x, wait: 5 }\n  - { start: { command: [x], ready: { port: 1, within: 5 } }, during: [{ run: x }] }\n",
    );
    expect(wait).toBe('4:28 "wait": expected a duration such as 250ms, 30s or 5m, at most 24d, found "5"');
    expect(ready).toContain('"within": expected a duration');
  });

  test("a command without a program", async () => {
    expect(await ofSteps('  - run: ["", a]\n')).toEqual([
      '4:10 "command": expected a program as the first argument, found an empty text',
    ]);
  });

  test("an exit code that is none, and a note of nothing", async () => {
    expect(await ofSteps("  - run: { command: x, ok: [0, 256] }\n  - note: null\n")).toEqual([
      '4:32 "ok": expected an integer from 0 to 255, found 256',
      '5:11 "note": expected text, found nothing',
    ]);
  });

  test("a scalar in place of a list, and keys of which one is missing", async () => {
    expect(
      await ofSteps(
        `  - { start: { command: sleep 1 }, during: [{ run: x }] }
  - { run: { command: x, ok: 3 } }
  - { search: { code: x, in: /, files: "*.go" } }
  - { log_level: { command: { set: x }, to: 1 }, during: [{ run: x }] }
`,
      ),
    ).toEqual([
      '4:25 "command": expected a list, found "sleep 1" (a list is written in brackets: [sleep, 1])',
      '5:30 "ok": expected a list, found 3 (a list is written in brackets: [3])',
      '6:40 "files": expected a list, found "*.go" (a list is written in brackets: ["*.go"])',
      "7:18 expected `was`, or `get` in command",
    ]);
  });

  test("what only some places of a step know", async () => {
    expect(await ofSteps("  - { run: x, when: result.exit_code == 0 }\n  - { run: [echo, '{{item}}'] }\n")).toEqual([
      `4:21 "result" cannot be used here: it is what came of a step, for its save, require, expect and until; elsewhere write the step's id`,
      '5:22 "item" cannot be used here: it is the element of a for_each, for that step alone',
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

  test("what other languages write in a condition", async () => {
    const wrong = ["$x == 1", 'result.stdout =~ "x"', 'result.lines.contains("x")'];
    expect(await ofSteps(wrong.map((text) => `  - { run: x, require: '${text}' }\n`).join(""))).toEqual([
      "4:25 expected an operator or the end, found $ (conditions are CEL: write the name without $)",
      "5:39 expected an operator or the end, found = (write text.matches(pattern))",
      "6:37 expected text.contains(text), found list of text, text (whether a list has an element is: element in list)",
    ]);
  });

  test("what a condition's texts and numbers cannot hold", async () => {
    const wrong = [`result.stdout.matches("^\\d+\\.")`, `"\\x1" == "a"`, `1e == 1`, `0x == 1`];
    expect(await ofSteps(wrong.map((text) => `  - { run: x, require: '${text}' }\n`).join(""))).toEqual([
      `4:49 expected an escape that CEL knows, found \\d (for a backslash write \\\\, or put r before the quotes, as in r"\\d+")`,
      `5:26 expected an escape that CEL knows, found \\x1 (for a backslash write \\\\, or put r before the quotes, as in r"\\d+")`,
      "6:27 expected a number, found 1e",
      "7:25 expected a number, found 0x",
    ]);
    expect(await ofSteps(`  - { run: x, require: "'a\\nb' == 'x'" }\n`)).toEqual([
      "4:27 expected a closing quote, found the end of the line (write \\n in the text)",
    ]);
  });

  test("a bracket that stands in a comment", async () => {
    expect(await ofSteps("  - search: { code: foo #bar, in: /tmp }\n")).toEqual([
      "4:13 not YAML: the closing } of this map is missing (YAML reads #bar, in: /tmp } as a comment: quote the text that has the #)",
    ]);
  });

  test("steps that are no list", async () => {
    expect(
      await ofSteps("  - start: { command: [x] }\n    during: { run: x }\n  - start: { command: [x] }\n    during:\n"),
    ).toEqual([
      '5:13 "during": expected a list of steps, found a map (each step of a list begins with a dash: - run: "true")',
      '7:12 "during": expected a list of steps, found nothing',
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

  test("values that are compared around other steps", async () => {
    expect(await ofSteps("  - diff: { left: 1, right: 2 }\n    during: [{ run: x }]\n")).toEqual([
      '5:5 "diff" with these fields is not open while other steps run: it cannot have "during" (move the steps out of it)',
    ]);
  });

  test("a default that is no list", async () => {
    expect(
      await mistakesOf(`${head}inputs: { ports: { type: list, default: 80 }, names: { type: list, default: a } }
steps: [{ run: x }]
`),
    ).toEqual([
      '3:41 "default": expected a list: JSON, or the option once for each element, found 80',
      '3:77 "default": expected a list, found "a" ([a])',
    ]);
  });

  test("mustaches in a condition", async () => {
    expect(await ofSteps("  - { id: a, run: x }\n  - { run: x, when: 'a.stdout == {{a.stdout}}' }\n")).toEqual([
      "5:34 expected a condition (CEL), found a mustache (conditions are CEL: write the name without mustaches)",
    ]);
  });

  test("functions as other languages call them", async () => {
    expect(await ofSteps("  - { run: x, require: len(result.stdout) > 1 }\n")).toEqual([
      '4:24 there is no function "len" (CEL calls it size(…))',
    ]);
  });
});

describe("a run", () => {
  test("fills in what is not examined, as text", async () => {
    const inner = `${head}inputs: { host: {} }\nsteps: [{ run: "true" }]\nnot_examined: ["{{host}}, inside"]\n`;
    const ran = await runText(
      `${head}inputs: { port: {}, none: { optional: true } }
steps: [{ id: part, use: { runbook: part.yaml, inputs: { host: a } } }]
not_examined: ["ports but {{port}}", "{{none}}", plain]
`,
      ["-i", "port=*1*"],
      { files: { "part.yaml": inner } },
    );
    expect(ran.of("run-started")[0]?.runbook.not_examined).toEqual([
      "ports but *1*",
      "‹none›",
      "plain",
      "part: a, inside",
    ]);
  });

  test("takes matches() as a function too, as CEL has it, and in linear time", async () => {
    const ran = await runText(`${head}steps:
  - id: one
    run: "printf '%040d!' 0 | tr 0 a"
    expect: { backtracks: "matches(result.stdout, '^(a+)+$')", whole: "matches(result.stdout, '^(a+)+!$')" }
`);
    expect(ran.of("expectation").map(({ holds }) => holds)).toEqual([false, true]);
  });

  test("tells a command that never ran from one that ended with 126 or 127", async () => {
    const secret = "inputs: { token: { secret: true } }\n";
    const steps = `${head}${secret}defaults: { on_fail: continue }
steps:
  - { id: name, run: [no-such-program] }
  - { id: path, run: [/no/such/program] }
  - { id: folder, run: [/tmp] }
  - { id: shell, run: { command: x, shell: /no/such/shell } }
  - { id: place, run: { command: pwd, cwd: /no/such/folder } }
  - { id: inner, run: [sh, -c, "no-such-program"] }
  - { id: own, run: [sh, -c, "exit 126"] }
`;
    const told = {
      name: "the program no-such-program was not found on the host",
      path: "the program /no/such/program was not found on the host",
      folder: expect.stringMatching(/^the program \/tmp could not be executed: /),
      shell: "the program /no/such/shell was not found on the host",
      place: "expected a folder to work in, found none that may be entered at /no/such/folder",
      inner: "expected exit code 0, found 127: sh: 1: no-such-program: not found",
      own: "expected exit code 0, found 126",
    };
    // With a secret the output takes another way, and another shell becomes the command.
    for (const text of [steps.replace(secret, ""), steps]) {
      const ran = await runText(text, text === steps ? ["-i", "token=not-to-be-seen"] : []);
      const reasons = Object.fromEntries(ran.of("step-finished").map(({ step, reason }) => [step, reason]));
      expect(reasons).toEqual(told);
    }
  });

  test("says what a value lacks in words", async () => {
    const ran = await runText(
      `${head}inputs: { command: { type: list } }\nsteps: [{ id: one, run: "{{command}}" }]\n`,
      ["-i", "command=[]"],
    );
    expect(ran.code).toBe(3);
    expect(ran.finished("one").reason).toBe("run: command: expected at least 1 item, found a list of 0");
  });

  test("sees no difference where only the clocks differ", async () => {
    const ran = await runText(
      `${head}steps:
  - id: program
    start: { command: [sleep, "60"] }
    during:
      - id: same
        diff: { processes: { pid: "{{program.pid}}" } }
        during: [{ run: sleep 0.02 }, { run: sleep 0.03 }]
        require: [size(result.added) == 0, size(result.removed) == 0]
      - id: lines
        diff: { run: "ls -d /" }
        during: [{ run: "true" }]
        require: result.text == ""
`,
      ["--allow", "perturb"],
    );
    expect(ran.stderr + ran.stdout).not.toContain("why:");
    expect(ran.code).toBe(0);
  });
});
