import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { runText } from "../support/casebook.js";

const head = "casebook: 1\ntitle: Flow\n";

describe("a list of steps", () => {
  test("ends at a failed step, and the run exits 3 without a verdict", async () => {
    const ran = await runText(`${head}
steps:
  - { id: one, run: "exit 4" }
  - { id: two, run: "true" }
verdict: [{ answer: never, says: Never. }]
`);
    expect(ran.code).toBe(3);
    expect(ran.finished("one").outcome).toBe("failed");
    expect(ran.finished("one").reason).toContain("4");
    expect(ran.of("step-started").map((event) => event.step)).toEqual(["one"]);
    expect(ran.of("verdict")).toEqual([]);
  });

  test("goes on after a tolerated failure, which does not change the exit code", async () => {
    const ran = await runText(`${head}
steps:
  - { id: one, run: "exit 4", on_fail: continue }
  - { id: two, run: "true", expect: { one_failed: one.outcome == "failed" } }
`);
    expect(ran.code).toBe(0);
    expect(ran.finished("one")).toMatchObject({ outcome: "failed", tolerated: true });
    expect(ran.of("expectation")[0]).toMatchObject({ name: "one_failed", holds: true });
  });

  test("keeps the result of a failed step as evidence", async () => {
    const ran = await runText(`${head}
steps: [{ id: one, run: "echo seen; exit 1" }]
`);
    expect(ran.finished("one").result).toMatchObject({ exit_code: 1, stdout: "seen" });
    expect(await ran.report("md")).toContain("seen");
  });

  test("skips a step whose condition does not hold, and says why", async () => {
    const ran = await runText(`${head}
inputs: { proto: { default: tcp } }
steps:
  - { id: one, when: proto == "udp", run: "true" }
  - { id: two, when: one.exit_code == 0, run: "true" }
  - { id: three, when: one.outcome == "skipped", run: "true" }
`);
    expect(ran.code).toBe(0);
    expect(ran.finished("one").outcome).toBe("skipped");
    expect(ran.finished("two").outcome).toBe("skipped");
    expect(ran.finished("two").reason).toContain("unknown");
    expect(ran.finished("three").outcome).toBe("ok");
  });
});

describe("save, require and expect", () => {
  test("run in this order, and an unmet require lets nothing be observed", async () => {
    const ran = await runText(`${head}
steps:
  - id: one
    run: echo 41
    save: { number: int(result.stdout) }
    require: number == 42
    expect: { never: number == 41 }
  `);
    expect(ran.code).toBe(3);
    expect(ran.of("expectation")).toHaveLength(1);
    expect(ran.of("expectation")[0]).toMatchObject({ required: true, holds: false, seen: { number: 41 } });
    expect(ran.finished("one").result).toMatchObject({ stdout: "41" });
  });

  test("an unmet expectation is a finding, not a failure", async () => {
    const ran = await runText(`${head}
hypotheses: { a: The first., b: The second., c: The third., d: The fourth. }
steps:
  - id: one
    run: echo x
    expect:
      yes: { that: result.stdout == "x", supports: [a, c], refutes: [b] }
      no: { that: result.stdout == "y", supports: [b], refutes: [a] }
      too: { that: result.stdout != "y", refutes: [c] }
`);
    expect(ran.code).toBe(0);
    const report = JSON.parse(await ran.report("json")) as {
      hypotheses: readonly { name: string; standing: string }[];
    };
    expect(report.hypotheses.map(({ name, standing }) => [name, standing])).toEqual([
      ["a", "supported"],
      ["b", "refuted"],
      ["c", "contested"],
      ["d", "open"],
    ]);
  });

  test("the expectations of a failed step count for nothing, also those that held before it failed", async () => {
    const ran = await runText(`${head}
hypotheses: { a: The first., b: The second. }
steps:
  - id: one
    run: { command: "echo 7", parse: '(?P<n>\\d+)' }
    on_fail: continue
    expect:
      before: { that: size(result.rows) == 1, supports: [a], refutes: [b] }
      broken: 'result.rows[0].n == 7'
  - id: two
    run: "true"
    expect: { seen: one.expect.before }
`);
    expect(ran.code).toBe(0);
    expect(ran.of("expectation").map(({ name, holds }) => [name, holds])).toEqual([
      ["before", true],
      ["broken", null],
      ["seen", null],
    ]);
    const report = JSON.parse(await ran.report("json")) as {
      hypotheses: readonly { standing: string; without_weight: readonly { holds: boolean | null }[] }[];
    };
    expect(report.hypotheses.map(({ standing }) => standing)).toEqual(["open", "open"]);
    expect(report.hypotheses[0]?.without_weight.map(({ holds }) => holds)).toEqual([null]);
  });

  test("an expectation on what was never seen is unknown, counts for nothing and supports no verdict", async () => {
    const ran = await runText(`${head}
hypotheses: { a: The first. }
steps:
  - { id: one, when: "false", run: "true" }
  - id: two
    run: "true"
    expect:
      differs: { that: one.exit_code != 0, supports: [a] }
      equals: { that: one.exit_code == 0, refutes: [a] }
verdict:
  - { answer: yes_, when: two.expect.differs }
  - { answer: no_, when: "!two.expect.equals" }
`);
    expect(ran.code).toBe(2);
    expect(ran.of("expectation").map((event) => event.holds)).toEqual([null, null]);
    expect(ran.of("verdict")[0]?.answer).toBe("undecided");
  });

  test("a comparison of text with a number fails the step and shows the values", async () => {
    const ran = await runText(`${head}
steps:
  - id: one
    run: { command: "echo 7 seven", parse: '(?P<n>\\d+) (?P<word>\\w+)' }
    expect: { seven: 'result.rows.exists(r, r.n == 7)' }
`);
    expect(ran.code).toBe(3);
    expect(ran.finished("one").reason).toMatch(/text|string/);
  });
});

describe("retry", () => {
  test("takes the first attempt that meets until; the others stay on record", async () => {
    const ran = await runText(
      `${head}
inputs: { file: { type: path } }
steps:
  - id: one
    run: 'echo x >>"$file"; wc -l <"$file"'
    retry: { times: 5, until: int(result.stdout) == 3 }
    save: { lines: int(result.stdout) }
`,
      ["-i", `file=/tmp/casebook-retry-${process.pid}-${Date.now()}`],
    );
    expect(ran.code).toBe(0);
    expect(ran.of("attempt-finished").map((event) => event.outcome)).toEqual(["failed", "failed", "ok"]);
    expect(ran.finished("one").saved).toEqual({ lines: 3 });
  });

  test("that is never met fails the step, and the last result is the result", async () => {
    const ran = await runText(`${head}
steps: [{ id: one, run: echo 1, retry: { times: 3, every: 10ms, until: result.stdout == "2" } }]
`);
    expect(ran.code).toBe(3);
    expect(ran.of("attempt-finished")).toHaveLength(3);
    expect(ran.finished("one").result).toMatchObject({ stdout: "1" });
    expect(ran.finished("one").reason).toContain("3 attempts");
  });

  test("gives each attempt its own timeout", async () => {
    const ran = await runText(`${head}
steps: [{ id: one, run: sleep 30, timeout: 100ms, retry: { times: 2 } }]
`);
    expect(ran.code).toBe(3);
    expect(ran.of("attempt-finished").map((event) => event.reason)).toEqual([
      expect.stringContaining("timed out after 100 ms"),
      expect.stringContaining("timed out after 100 ms"),
    ]);
  });
});

describe("for_each", () => {
  test("gives a list of rows with item, save and expect", async () => {
    const ran = await runText(`${head}
inputs: { hosts: { type: list, default: [alpha, beta] } }
steps:
  - id: rows
    for_each: "{{hosts}}"
    run: { command: [echo, "hello {{item}}"] }
    save: { text: result.stdout }
    expect: { greets: result.stdout.startsWith("hello") }
  - id: check
    run: "true"
    expect:
      all: rows.all(r, r.expect.greets)
      saved: rows[1].save.text == "hello beta"
      items: rows.map(r, r.item) == hosts
`);
    expect(ran.stderr + ran.stdout).not.toContain("error");
    expect(ran.code).toBe(0);
    const seen = ran.of("expectation").filter((event) => event.step === "check");
    expect(seen.map((event) => event.holds)).toEqual([true, true, true]);
    const rounds = ran.of("step-finished").filter((event) => event.step === "rows");
    expect(rounds.map((event) => event.iteration)).toEqual([1, 2, null]);
  });

  test("with on_fail: continue runs all rounds, else it ends at the first that fails", async () => {
    const steps = (more: string) => `${head}
steps: [{ id: rows, for_each: { n: "[1, 2, 3]" }, run: { command: 'test "$n" != 2' }${more} }]
`;
    const all = await runText(steps(", on_fail: continue"));
    expect(all.code).toBe(0);
    expect(all.of("step-finished").map((event) => event.outcome)).toEqual(["ok", "failed", "ok", "failed"]);
    const first = await runText(steps(""));
    expect(first.code).toBe(3);
    expect(first.of("step-finished").map((event) => event.outcome)).toEqual(["ok", "failed", "failed"]);
  });
});

describe("instruments", () => {
  test("close in reverse order when a step inside fails, keep their evidence and fail", async () => {
    const ran = await runText(
      `${head}
steps:
  - id: outer
    start: { command: [sh, -c, "echo outer; exec sleep 60"] }
    on_fail: continue
    during:
      - id: inner
        start: { command: [sh, -c, "echo inner; exec sleep 60"] }
        during:
          - { id: breaks, run: "exit 1" }
          - { id: never, run: "true" }
      - { id: nor, run: "true" }
  - { id: after, run: "true" }
`,
      ["--allow", "perturb"],
    );
    expect(ran.code).toBe(0);
    expect(ran.of("step-finished").map((event) => [event.step, event.outcome])).toEqual([
      ["breaks", "failed"],
      ["inner", "failed"],
      ["outer", "failed"],
      ["after", "ok"],
    ]);
    expect(ran.of("change-announced")).toHaveLength(2);
    expect(ran.of("change-undone").map((event) => event.step)).toEqual(["inner", "outer"]);
    expect(ran.finished("outer").result).toMatchObject({ stdout: "outer" });
    for (const { value } of ran.of("step-opened")) expect(() => process.kill(Number(value.pid), 0)).toThrow();
  });

  test("hold what opening gave while they are open", async () => {
    const ran = await runText(
      `${head}
steps:
  - id: program
    start: { command: [sleep, "60"] }
    during:
      - id: seen
        processes: { pid: "{{program.pid}}" }
        expect: { it_sleeps: only(result.processes).name == "sleep" }
    expect: { ended: result.exit_code == null || result.exit_code != 0 }
`,
      ["--allow", "perturb"],
    );
    expect(ran.code).toBe(0);
    expect(ran.of("expectation").map((event) => event.holds)).toEqual([true, true]);
  });

  test("are put back when the run's time is used up, and the exit code is 124", async () => {
    const ran = await runText(
      `${head}
steps:
  - { id: program, start: { command: [sleep, "60"] }, during: [{ id: long, run: sleep 60 }] }
`,
      ["--allow", "perturb", "--timeout", "3s"],
    );
    expect(ran.code).toBe(124);
    expect(ran.of("change-undone")).toHaveLength(1);
    expect(ran.of("interrupted")[0]).toMatchObject({ by: "timeout" });
    expect(ran.of("run-finished")[0]).toMatchObject({ status: "timed-out" });
  });
});

test("a run that ends in a round says so once, wherever the round is", async () => {
  const ran = await runText(
    `${head}
steps:
  - id: program
    start: { command: [sleep, "60"] }
    during: [{ id: rounds, for_each: [1, 2], run: sleep 60, on_fail: continue }]
`,
    ["--allow", "perturb", "--timeout", "2s"],
  );
  expect(ran.code).toBe(124);
  const reasons = ran.of("step-finished").map(({ step, reason }) => [step, reason]);
  const over = "the run's time was used up";
  expect(reasons).toEqual([
    ["rounds", over],
    ["rounds", over],
    ["program", over],
  ]);
  expect(ran.stdout).toContain("timed out at step rounds");
});

describe("the verdict", () => {
  const book = (rules: string) => `${head}
steps: [{ id: one, run: echo x, expect: { is_x: result.stdout == "x" } }]
verdict:
${rules}
`;

  test("is the first rule that holds, says what it says, and rests on what it read", async () => {
    const ran = await runText(
      book(`
  - { answer: wrong, when: "!one.expect.is_x", says: Wrong. }
  - { answer: right, when: one.expect.is_x, says: "It is \`{{one.stdout}}\`.", advice: Go on. }
  - { answer: undecided, says: Nothing. }`),
    );
    expect(ran.code).toBe(0);
    expect(ran.of("verdict")[0]).toMatchObject({ answer: "right", says: "It is `x`.", advice: "Go on." });
    expect(ran.of("verdict")[0]?.rests_on).toContainEqual(
      expect.objectContaining({ step: "one", expectation: "is_x" }),
    );
    expect(ran.stdout).toContain("right");
    expect(ran.stdout.trimEnd().split("\n").at(-1)).toContain("case/report.md");
  });

  test("that no rule gives is undecided, and the last rule supplies the text", async () => {
    const ran = await runText(book("  - { answer: a, when: false }\n  - { answer: undecided, says: Nobody knows. }"));
    expect(ran.code).toBe(2);
    expect(ran.of("verdict")[0]).toMatchObject({ answer: "undecided", says: "Nobody knows." });
  });
});

describe("a program", () => {
  test("that is not on the host, or is none, fails its start and says so", async () => {
    const ran = await runText(
      `${head}steps:
  - { id: one, start: { command: [no-such-program] }, during: [{ run: "true" }], on_fail: continue }
  - { id: two, start: { command: [/etc/passwd] }, during: [{ run: "true" }], on_fail: continue }
  - { id: three, start: { command: [sh, -c, "exit 127"] }, during: [{ run: sleep 0.1 }] }
`,
      ["--allow", "perturb"],
    );
    expect(ran.finished("one").reason).toContain("the program no-such-program was not found on the host");
    expect(ran.finished("two").reason).toContain("the program /etc/passwd could not be executed");
    expect(ran.finished("three")).toMatchObject({ outcome: "ok", result: { exit_code: 127 } });
    expect(ran.code).toBe(0);
  });
});

describe("a plain scalar where text is expected", () => {
  test("counts as written, also where a kind takes a list or an object as well", async () => {
    const sent: string[] = [];
    const server = createServer((request, response) => {
      sent.push(...request.rawHeaders);
      response.end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const ran = await runText(
      `${head}inputs: { five: { type: integer, default: 5 }, port: {} }
steps:
  - { id: read, run: { command: cat, stdin: 1.20 } }
  - { id: value, run: { command: cat, stdin: "{{five}}" } }
  - { id: data, run: { command: cat, stdin: [1, a] } }
  - http: { get: "http://127.0.0.1:{{port}}/", headers: { X-Version: 1.20, X-Mode: 0755, X-Five: "{{five}}" } }
`,
      ["-i", `port=${port}`],
    );
    server.close();
    expect(ran.code, ran.stderr + ran.stdout).toBe(0);
    const results = ["read", "value", "data"].map((step) => ran.finished(step).result);
    expect(results).toMatchObject([{ stdout: "1.20" }, { stdout: "5" }, { stdout: '[1,"a"]' }]);
    const value = (name: string) => sent[sent.indexOf(name) + 1];
    expect(["X-Version", "X-Mode", "X-Five"].map(value)).toEqual(["1.20", "0755", "5"]);
  });
});

describe("the environment of a step", () => {
  test("takes scalars as written, values, and names of its own; each mistake is told", async () => {
    const ran = await runText(`${head}inputs: { port: { type: integer, default: 80 } }
steps:
  - { id: one, env: { A: 0755, B: no, C: "{{port}}/tcp", port: own }, run: 'echo "$A $B $C $port $HOME"' }
  - { id: two, when: one.truncated, run: "true" }
`);
    expect(ran.finished("one").result).toMatchObject({ stdout: `0755 no 80/tcp own ${process.env.HOME}` });
    expect(ran.finished("two").outcome).toBe("skipped");
    const bad = await runText(`${head}steps: [{ run: x, env: { A: [1], "B C": x, D: null } }]\n`);
    expect(bad.code).toBe(65);
    expect(bad.stderr).toMatch(/"A": expected text, found a list[^]*"B C"[^]*"D": expected text, found nothing/);
  });
});
