import { describe, expect, it } from "vitest";
import type { Step } from "../../src/model/runbook.js";
import { around, load, mistakes, pointed } from "./check.js";

const timeoutOf = (step: Step | undefined) => step?.timeout[0]?.outline(new Map());

const step = (more: string): string => around(`  - run: "true"\n${more}`);

describe("a sound runbook", () => {
  it("keeps what was written, with keys, defaults and users filled in", () => {
    const runbook = load(`casebook: 1
title: Who is {{who}}?
inputs: { who: { default: nobody } }
hypotheses: { one: The first. }
defaults: { timeout: 30s, on_fail: continue, become: true }
steps:
  - note: "# Known"
  - run: echo "$who"
    timeout: 2m
    become: false
  - id: outer
    watch: {}
    during:
      - run: [echo, "{{outer.pid}}"]
        on_fail: stop
    save: { seen: result.count }
    expect:
      many: { that: seen > 1, supports: [one], says: "{{seen}} of them" }
verdict:
  - { answer: one, when: outer.expect.many, says: done }
  - { answer: undecided, says: not seen }
not_examined: [the rest]
`);
    const [note, run, outer] = runbook.steps;
    expect(runbook.steps.map(({ key }) => key)).toEqual(["note-1", "run-2", "outer"]);
    expect(note?.written).toBe("# Known");
    expect(note?.note?.render(new Map())).toEqual({ ok: true, value: { markdown: "# Known", values: [] } });
    expect([timeoutOf(run), run?.onFail, run?.become]).toEqual(["120 s", "continue", null]);
    expect([timeoutOf(outer), outer?.onFail, outer?.become]).toEqual(["30 s", "continue", "root"]);
    expect(outer?.during?.map(({ key, onFail }) => [key, onFail])).toEqual([["run-4", "stop"]]);
    expect(outer?.expect.map(({ name, supports }) => [name, supports])).toEqual([["many", ["one"]]]);
    expect(runbook.verdict?.map(({ answer, when }) => [answer, when?.text ?? null])).toEqual([
      ["one", "outer.expect.many"],
      ["undecided", null],
    ]);
    expect(runbook.notExamined.map((text) => text.outline(new Map()))).toEqual(["the rest"]);
  });

  it("takes a plain scalar as written where text is expected", () => {
    const runbook = load(
      around(
        '  - run: [chmod, 0755, 1.20, no, true, 1e3]\n    env: { MODE: 0644 }\n    title: 1.20\n  - run: true\n  - run: { command: "true", ok: [0, 1] }\n',
        "about: 1.10\ninputs: { version: { default: 1.30 }, n: { type: integer, default: 0755 } }\n",
      ),
    );
    expect(runbook.steps[0]?.written).toEqual({ command: ["chmod", "0755", "1.20", "no", "true", "1e3"] });
    expect(runbook.steps[0]?.env[0]?.value.render(new Map())).toEqual({ ok: true, value: "0644" });
    expect(runbook.steps[0]?.title?.outline(new Map())).toBe("1.20");
    expect(runbook.steps[1]?.written).toEqual({ command: "true" });
    expect(runbook.steps[2]?.written).toEqual({ command: "true", ok: [0, 1] });
    expect(runbook.about).toBe("1.10");
    expect(runbook.inputs.map((input) => input.default)).toEqual(["1.30", 755]);
  });

  it("asks no question when it has no verdict", () => {
    expect(load(step("")).verdict).toBeNull();
  });
});

describe("for_each", () => {
  const list = (forEach: string, scope: ReadonlyMap<string, never[] | string[]> = new Map()) =>
    load(
      around(`  - run: "true"\n    for_each: ${forEach}\n`, "inputs: { names: { type: list, default: [] } }\n"),
    ).steps[0]?.forEach?.list.render(scope);

  it("takes a list written out, a lone mustache, or CEL, alone or under a name", () => {
    const scope = new Map([["names", ["a", "b"]]]);
    expect(list('[1, "x{{names}}", [2]]', scope)).toEqual({ ok: true, value: [1, 'x["a","b"]', [2]] });
    expect(list('"{{names}}"', scope)).toEqual({ ok: true, value: ["a", "b"] });
    expect(list("names.filter(n, n != 'a')", scope)).toEqual({ ok: true, value: ["b"] });
    expect(list("{ name: names }", scope)).toEqual({ ok: true, value: ["a", "b"] });
    expect(list("{ name: [1, 2] }", scope)).toEqual({ ok: true, value: [1, 2] });
  });

  it("makes its step a list of rows outside, and keeps what a round saves inside", () => {
    const rounds = `  - id: tls
    run: echo "$port"
    for_each: { port: "[1, 2]" }
    title: Port {{port}}
    save: { code: result.exit_code }
    expect: { valid: code == 0 && port > 0 }
`;
    load(around(`${rounds}  - run: "true"\n    when: tls.all(t, t.expect.valid && t.save.code == 0 && t.item > 0)\n`));
    expect(pointed(around(`${rounds}  - run: "true"\n    when: code == 0\n`))).toEqual(["name-too-early: code"]);
    expect(pointed(around(`${rounds}  - run: "true"\n    when: port == 0\n`))).toEqual(["unknown-name: port"]);
    expect(pointed(around(`${rounds}  - run: "true"\n    when: tls.all(t, t.expect.vald)\n`))).toEqual([
      "unknown-field: vald",
    ]);
  });

  it("refuses what is no list, and names that are taken", () => {
    expect(pointed(step("    for_each: 5\n"))).toEqual(["wrong-type: 5"]);
    expect(pointed(step("    for_each: size('x')\n"))).toEqual(["wrong-type: size('x')"]);
    expect(pointed(step("    for_each: { a: [1], b: [2] }\n"))).toEqual(["wrong-type: { a: [1], b: [2] }"]);
    const taken = around('  - run: "true"\n    for_each: { p: [1] }\n', "inputs: { p: {} }\n");
    expect(pointed(taken)).toEqual(["duplicate-name: p"]);
  });
});

describe("names", () => {
  it("exist only after what defines them", () => {
    const text = around(`  - run: [echo, "{{b.exit_code}}"]
    when: saved == 1
  - id: b
    run: "true"
    save: { saved: result.exit_code }
    title: "{{b.exit_code}} {{saved}}"
  - run: "true"
    when: b.exit_code == 0 && saved == 0 && b.milliseconds > 1 && b.outcome == "ok"
`);
    expect(pointed(text).map((one) => one.replace(/:.*/, ""))).toEqual([
      "name-too-early",
      "name-too-early",
      "name-too-early",
      "name-too-early",
    ]);
    expect(mistakes(text)[0]?.message).toContain("line 6");
  });

  it("of an instrument hold what opening gave while it is open, the result afterwards, its saved values only then", () => {
    const inside = (when: string, after = "true") =>
      around(`  - id: w
    watch: {}
    during:
      - { id: first, run: "true" }
      - run: "true"
        when: ${when}
    save: { n: result.count }
  - run: "true"
    when: ${after}
`);
    load(inside("w.pid > 1 && first.exit_code == 0", "w.count > 1 && n > 1 && first.exit_code == 0"));
    expect(pointed(inside("w.count > 1"))).toEqual(["unknown-field: count"]);
    expect(pointed(inside("n > 1"))).toEqual(["name-too-early: n"]);
    expect(pointed(inside("true", "w.pid > 1"))).toEqual(["unknown-field: pid"]);
  });

  it("are reserved, malformed or taken only once", () => {
    const text = around(
      `  - { id: result, run: "true" }
  - { id: Bad-Name, run: "true" }
  - { id: port, run: "true" }
  - run: "true"
    save: { port: "1", level: "2", map: "3" }
`,
      "inputs: { port: {}, http_proxy: {} }\n",
    );
    expect(pointed(text)).toEqual([
      "reserved-name: http_proxy",
      "reserved-name: result",
      "bad-name: Bad-Name",
      "duplicate-name: port",
      "duplicate-name: port",
      "reserved-name: level",
      "reserved-name: map",
    ]);
    expect(mistakes(text)[2]?.hint).toBe('for example "bad_name"');
  });

  it("of the result exist in save, require, expect and until alone", () => {
    expect(pointed(step("    when: result.exit_code == 0\n"))).toEqual(["name-too-early: result"]);
    load(
      step(
        "    save: { a: result.exit_code }\n    require: [a == 0, result.exit_code == 0]\n    retry: { times: 2, until: result.exit_code == 0 }\n",
      ),
    );
    expect(pointed(step("    save: { a: result.exit_code }\n    retry: { times: 2, until: a == 0 }\n"))).toEqual([
      "name-too-early: a",
    ]);
  });

  it("of expectations are fields of their step", () => {
    const text = around(`  - id: p\n    run: "true"\n    expect: { fine: result.exit_code == 0 }\n`, "");
    load(`${text}verdict: [{ answer: x, when: p.expect.fine }]\n`);
    expect(pointed(`${text}verdict: [{ answer: x, when: p.expect.fnie }]\n`)).toEqual(["unknown-field: fnie"]);
  });

  it("that a broken save would have defined cause no further mistakes", () => {
    const text = around(`  - run: "true"\n    save: { a: result.nothing }\n  - run: "true"\n    when: a.b == 1\n`);
    expect(pointed(text)).toEqual(["unknown-field: nothing"]);
  });
});

describe("a mistake in a step", () => {
  const cases: readonly (readonly [what: string, steps: string, expected: readonly string[]])[] = [
    ["an unknown kind", "  - sokets: {}\n", ["unknown-kind: sokets"]],
    ["no kind", "  - title: x\n", ["no-kind: title"]],
    ["two kinds", "  - run: x\n    sockets: {}\n", ["two-kinds: sockets"]],
    ["an unknown key", "  - run: x\n    tilte: y\n", ["unknown-key: tilte"]],
    ["an unknown field of a kind", "  - sockets: { pdi: 1 }\n", ["unknown-key: pdi"]],
    ["an unknown field below a shorthand", "  - run: { comand: x }\n", ["unknown-key: comand"]],
    ["a wrong type", "  - sockets: { pid: [1] }\n", ["wrong-type: [1]"]],
    ["a value that is none of those possible", "  - sockets: { state: listning }\n", ["bad-value: listning"]],
    ["a list element of a wrong type", "  - run: [echo, {a: 1}]\n", ["wrong-type: {a: 1}"]],
    ["nothing where text is expected", "  - run: x\n    title:\n", ["null-value: "]],
    ["null where text is expected", "  - run: [echo, null]\n", ["null-value: null"]],
    ["nothing at all", "  - run:\n", ["null-value: "]],
    ["a text in place of a step", "  - run\n", ["wrong-type: run"]],
    ["a mustache around a name in a shell text", '  - run: echo {{port}} {{"{{"}}\n', ["mustache-in-shell: {{port}}"]],
    ["bad CEL", "  - run: x\n    when: port ==\n", ["cel-syntax: "]],
    ["a condition that is a value", "  - run: x\n    when: size(port)\n", ["not-a-condition: size(port)"]],
    ["an unknown name", '  - run: [echo, "{{prot}}"]\n', ["unknown-name: prot"]],
    ["an unknown field of a result", "  - run: x\n    save: { a: result.exitcode }\n", ["unknown-field: exitcode"]],
    [
      "an unknown hypothesis",
      "  - run: x\n    expect: { e: { that: 'true', refutes: [oen] } }\n",
      ["unknown-hypothesis: oen"],
    ],
    [
      "an expectation without a condition",
      "  - run: x\n    expect: { e: { supports: [one] } }\n",
      ["missing-key: supports"],
    ],
    ["during where nothing opens", "  - run: x\n    during: [{ run: x }]\n", ["not-an-instrument: during"]],
    ["an instrument without during", "  - watch: {}\n", ["missing-during: watch"]],
    ["an empty during", "  - watch: {}\n    during: []\n", ["bad-value: []"]],
    ["a kind outside of its instrument", "  - peek: {}\n", ["not-inside: peek"]],
    [
      "for_each with during",
      "  - watch: {}\n    for_each: [1]\n    during: [{ peek: {} }]\n",
      ["not-together: for_each"],
    ],
    [
      "retry with during",
      "  - watch: {}\n    retry: { times: 2 }\n    during: [{ peek: {} }]\n",
      ["not-together: retry"],
    ],
    ["retry without times", "  - run: x\n    retry: { every: 1s }\n", ["missing-key: every"]],
    ["a duration without a unit", "  - run: x\n    timeout: 5\n", ["bad-value: 5"]],
    [
      "a risk below the kind's own",
      "  - watch: {}\n    risk: observe\n    during: [{ peek: {} }]\n",
      ["risk-lowered: observe"],
    ],
    ["an option in place of a user", "  - run: x\n    become: -x\n", ["bad-value: -x"]],
    ["a bad name of an environment variable", "  - run: x\n    env: { A-B: x }\n", ["bad-name: A-B"]],
    ["a secret in argv", '  - run: [echo, "{{pw}}"]\n', ['secret-in-argv: "{{pw}}"']],
    ["an unknown step", "  - watch: { of: prot }\n    during: [{ peek: {} }]\n", ["unknown-step: prot"]],
  ];
  const declared = "inputs: { port: {}, pw: { secret: true } }\nhypotheses: { one: x }\n";

  it.each(cases)("is found: %s", (_, steps, expected) => {
    expect(pointed(around(steps, declared))).toEqual(expected);
  });

  it("offers what was probably meant", () => {
    const hint = (steps: string) => mistakes(around(steps, declared)).map((one) => one.hint);
    expect(hint("  - sokets: {}\n")).toEqual(['did you mean "sockets"?']);
    expect(hint("  - run: x\n    tilte: y\n")).toEqual(['did you mean "title"?']);
    expect(hint("  - sockets: { state: listning }\n")).toEqual(['did you mean "listening"?']);
    expect(hint("  - run: x\n    expect: { e: { that: 'true', refutes: [oen] } }\n")).toEqual(['did you mean "one"?']);
  });

  it("says what was expected and what was found", () => {
    const message = (steps: string) => mistakes(around(steps, declared))[0]?.message;
    expect(message("  - sockets: { pid: [1] }\n")).toBe('"pid": expected an integer, found a list');
    expect(message("  - run: x\n    timeout: 5\n")).toBe(
      '"timeout": expected a duration such as 250ms, 30s or 5m, at most 24d, found "5"',
    );
    expect(message("  - run: [echo, null]\n")).toBe('"command": expected text, found nothing');
    expect(message("  - run\n")).toBe('expected a step, found "run"');
  });

  it("is not made by a mustache where the value is not known yet", () => {
    load(around('  - sockets: { pid: "{{port}}" }\n  - run: { command: "true", ok: ["{{port}}"] }\n', declared));
    expect(pointed(around('  - sockets: { pid: "{{port}}", stat: "{{port}}" }\n', declared))).toEqual([
      "unknown-key: stat",
    ]);
  });
});

describe("a mistake outside of steps", () => {
  const cases: readonly (readonly [what: string, text: string, expected: readonly string[]])[] = [
    ["another version", 'casebook: 2\ntitle: x\nsteps: [{ run: "true" }]\n', ["bad-value: 2"]],
    ["no version, title or steps", "about: x\n", ["missing-key: about", "missing-key: about", "missing-key: about"]],
    ["no steps in the list", "casebook: 1\ntitle: x\nsteps: []\n", ["bad-value: []"]],
    ["a choice without choices", step("inputs: { a: { type: choice } }\n"), ["missing-choices: choice"]],
    ["choices of another type", step("inputs: { a: { choices: [x] } }\n"), ["not-together: choices"]],
    ["a default of another type", step("inputs: { a: { type: integer, default: x } }\n"), ["bad-default: x"]],
    [
      "a default that is no choice",
      step("inputs: { a: { type: choice, choices: [x], default: y } }\n"),
      ["bad-default: y"],
    ],
    ["a default that is nothing", step("inputs: { a: { default: } }\n"), ["null-value: "]],
    [
      "a default that misses the pattern",
      step("inputs: { a: { pattern: '[a-z]', default: ab } }\n"),
      ["bad-default: ab"],
    ],
    ["a pattern that is none", step("inputs: { a: { pattern: '(' } }\n"), ["bad-pattern: '('"]],
    [
      "a secret with a default",
      step("inputs: { a: { secret: true, default: longenough } }\n"),
      ["secret-default: default"],
    ],
    ["a secret that is no text", step("inputs: { a: { secret: true, type: list } }\n"), ["not-together: secret"]],
    ["an unknown type", step("inputs: { a: { type: int } }\n"), ["bad-value: int"]],
    ["an unreachable rule", step("verdict: [{ answer: a }, { answer: b }]\n"), ["unreachable-rule: { answer: b }"]],
    ["a rule without an answer", step("verdict: [{ says: a }]\n"), ["missing-key: says"]],
    ["a title before what it names", step("question: '{{x}}'\n"), ["unknown-name: x"]],
  ];

  it.each(cases)("is found: %s", (_, text, expected) => {
    expect(pointed(text)).toEqual(expected);
  });

  it("is said beside all others, in the order of the text", () => {
    const text = `casebook: 1
tilte: x
inputs: { a: { type: choice } }
steps:
  - sokets: {}
  - run: echo {{a}}
  - run: x
    when: {{a}}
  - run: [exists(r, r.x)]
  - run: echo "a #b"
    save: { v: result.lines[0] }
  - run: !x y
  - { id: a, run: x }
  - run: x
    when: nothing == 1
  - title: "unclosed {{a"
    run: x
`;
    const lines = mistakes(text).map(({ place }) => place?.start.line);
    expect(lines).toEqual([2, 3, 5, 6, 8, 9, 10, 11, 12, 13, 15, 16]);
  });
});
