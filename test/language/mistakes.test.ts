import { describe, expect, test } from "vitest";
import { runText } from "../support/casebook.js";
import { head, mistakesOf, ofSteps } from "../support/mistakes.js";

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
