import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { caseJournal } from "../support/case-journal.js";
import { casebook } from "../support/casebook.js";
import { recorded, replayed, said } from "../support/replay.js";

test("a replay touches no host, needs no permission, and comes to the same from a case that stands alone", async () => {
  const runbook = `casebook: 1
title: Test
steps:
  - id: said
    run: echo once >> counted; echo hello
    save: { word: result.stdout }
  - id: program
    start: { command: [sleep, "60"] }
    during:
      - id: alive
        run: [sh, -c, "echo once >> counted; kill -0 {{program.pid}} && echo {{program.pid}}"]
        expect: { right: result.stdout == string(program.pid) }
  - id: rounds
    for_each: [1, 2]
    run: echo once >> counted; echo "$item"
verdict: [{ answer: fine, when: 'word == "hello" && alive.expect.right && rounds[1].stdout == "2"' }]
`;
  const cwd = await recorded(runbook, ["--allow", "perturb"]);
  const counted = () => readFile(join(cwd, "counted"), "utf8");
  const before = await counted();
  const ran = await replayed(cwd, runbook);
  expect(ran, ran.stderr).toMatchObject({ code: 0, stdout: "fine\nreport: now/report.md\n" });
  expect(await counted()).toBe(before);

  const [then, now] = [await caseJournal(join(cwd, "then")), await caseJournal(join(cwd, "now"))];
  expect(now.of("command-started")).toEqual([]);
  expect(now.of("change-announced")).toEqual([]);
  const [first] = then.of("run-started");
  const head = createHash("sha256")
    .update(then.lines.at(-1) ?? "")
    .digest("hex");
  expect(now.of("run-started")[0]?.taken_from).toEqual({ mode: "replay", case: "then", head, started_at: first?.at });
  const { started_at, finished_at, milliseconds } = then.finished("alive");
  expect(now.finished("alive")).toMatchObject({
    taken: { started_at, finished_at, milliseconds },
    result: then.finished("alive").result,
  });
  for (const format of ["md", "html", "json"]) {
    expect(await readFile(join(cwd, `now/report.${format}`), "utf8")).toContain(head);
  }
  expect(await readFile(join(cwd, "now/evidence/01-said.stdout"), "utf8")).toBe("hello\n");
  expect((await casebook(["verify", "now"], { cwd })).code).toBe(0);
});

test("what only judges may change: notes, conditions, saved values, how output is parsed, the verdict", async () => {
  const cwd = await recorded(said("{ command: 'echo 7 apples; exit 4' }"), [], 3);
  const ran = await replayed(
    cwd,
    `casebook: 1
title: Another
hypotheses: { many: There are many. }
steps:
  - note: New here.
  - id: said
    title: How many?
    run: { command: 'echo 7 apples; exit 4', ok: [4], parse: '(?P<n>[0-9]+) (?P<what>\\w+)' }
    save: { count: int(only(result.rows).n) }
    expect: { many: { that: count > 5, supports: [many] } }
verdict: [{ answer: many, when: said.expect.many, says: "{{count}}" }]
`,
  );
  expect(ran, ran.stderr).toMatchObject({ code: 0, stdout: "many: 7\nreport: now/report.md\n" });
});

test("an observation whose reading failed is there to be read otherwise", async () => {
  const cwd = await recorded(said("{ command: echo words, parse: json }"), [], 3);
  const ran = await replayed(
    cwd,
    said("{ command: echo words, parse: lines }", '    require: result.lines == ["words"]\n'),
  );
  expect(ran.code, ran.stderr).toBe(0);
});

test.each([
  ["a step that is new", said("echo hi", "  - { id: more, run: echo more }\n"), "not recorded: the step is not there"],
  ["a field that changed", said("echo ho"), 'not recorded with these fields: command is "echo ho", and was "echo hi"'],
  ["a field that was added", said("{ command: echo hi, cwd: / }"), 'cwd is "/", and was not given'],
  ["another environment", said("echo hi", "    env: { A: b }\n"), 'env.A is "b", and was not given'],
  ["another user", said("echo hi", "    become: true\n"), 'user is "root", and was not given'],
  [
    "another kind",
    said("echo hi").replace("run: echo hi", "processes: {}"),
    "not recorded: the step is of the kind run there",
  ],
])("%s fails as not recorded, and says what to do", async (_, runbook, why) => {
  const cwd = await recorded(said("echo hi"));
  const ran = await replayed(cwd, runbook);
  expect(ran.code, ran.stderr).toBe(3);
  expect(ran.stdout).toContain(why);
  expect(ran.stdout).toContain("to do: what is new has to be observed: run it on its host");
});

test("a step that was skipped then has nothing to give now; tolerated, it does not end the replay", async () => {
  const cwd = await recorded(said("echo hi", "    when: 1 > 2\n  - { id: more, run: echo more }\n"));
  const ran = await replayed(cwd, said("echo hi", "    on_fail: continue\n  - { id: more, run: echo more }\n"));
  expect(ran.code, ran.stderr).toBe(0);
  const now = await caseJournal(join(cwd, "now"));
  expect(now.finished("said")).toMatchObject({
    outcome: "failed",
    reason: "not recorded: the step was skipped there (when: 1 > 2 does not hold)",
    tolerated: true,
  });
  expect(now.finished("more")).toMatchObject({ outcome: "ok", result: { stdout: "more" } });
});

test("a step without an id is found wherever it stands", async () => {
  const steps = (list: string): string => `casebook: 1\ntitle: Test\nsteps: [${list}]\n`;
  const cwd = await recorded(steps("{ run: echo one }, { run: echo two }"));
  const ran = await replayed(cwd, steps("{ note: First }, { run: echo two }, { note: Then }, { run: echo one }"));
  expect(ran.code, ran.stderr).toBe(0);
  const now = await caseJournal(join(cwd, "now"));
  expect(now.of("step-finished").map(({ result }) => result)).toMatchObject([
    {},
    { stdout: "two" },
    {},
    { stdout: "one" },
  ]);
});

test("rounds are found by what they ran for, whatever their order", async () => {
  const each = (list: string): string =>
    said('echo "$item"', `    for_each: ${list}\n    on_fail: continue\n`).replace(
      'run: echo "$item"',
      "run: 'echo \"$item\"'",
    );
  const cwd = await recorded(each("[a, b]"));
  const ran = await replayed(cwd, each("[b, c, a]"));
  expect(ran.code, ran.stderr).toBe(0);
  const now = await caseJournal(join(cwd, "now"));
  expect(now.of("step-finished").map(({ result, reason }) => reason ?? result)).toMatchObject([
    { stdout: "b" },
    'not recorded with these fields: env.item is "c", and was "b"',
    { stdout: "a" },
    expect.stringContaining("round 2"),
  ]);
});

test("what failed then fails now for the same reason, and what was seen all the same is kept", async () => {
  const runbook = said(
    "{ command: 'echo begun; sleep 60' }",
    `    timeout: 300ms
    on_fail: continue
  - { id: refused, http: "http://127.0.0.1:1/", on_fail: continue }
  - { id: missing, sockets: { pid: 4194304 }, on_fail: continue }
  - id: program
    start: { command: [sh, -c, "echo soon; exit 3"], ready: { port: 1 } }
    during: [{ note: Never }]
`,
  );
  const cwd = await recorded(runbook, ["--allow", "perturb"], 3);
  const ran = await replayed(cwd, runbook);
  expect(ran.code, ran.stderr).toBe(3);
  const [then, now] = [await caseJournal(join(cwd, "then")), await caseJournal(join(cwd, "now"))];
  for (const step of ["said", "refused", "missing", "program"]) {
    const { outcome, reason, remedy, tolerated, result } = then.finished(step);
    expect(now.finished(step)).toMatchObject({ outcome, reason, remedy, tolerated, result });
  }
  expect(await readFile(join(cwd, "now/evidence/01-said.stdout"), "utf8")).toBe("begun\n");
});

test("of a step that was retried the last attempt counts", async () => {
  const retried = (until: string): string =>
    said(
      "{ command: 'echo x >> n; wc -l < n' }",
      `    retry: { times: 5, every: 10ms, until: '${until}' }\n    expect: { quick: result.milliseconds < 10000 }\n`,
    );
  const cwd = await recorded(retried("int(result.stdout) == 3"));
  expect((await replayed(cwd, retried("int(result.stdout) >= 2"))).code).toBe(0);
  const now = await caseJournal(join(cwd, "now"));
  expect(now.finished("said")).toMatchObject({ result: { stdout: "3" } });
  expect(now.of("captured")).toHaveLength(1);

  await writeFile(join(cwd, "b.yaml"), retried("int(result.stdout) == 9"));
  const unmet = await casebook(["run", "b.yaml", "--replay", "then", "--out", "unmet"], { cwd });
  expect(unmet.code).toBe(3);
  expect(unmet.stdout).toContain("after 3 attempts: until: int(result.stdout) == 9 does not hold");
});

test("a step that is mentioned as a whole is the same in a replay: an instrument, a used runbook that failed", async () => {
  const runbook = `casebook: 1
title: Test
steps:
  - id: program
    start: { command: [sh, -c, "sleep 0.05; echo up; exec sleep 60"], ready: { log: up } }
    during:
      - id: whole
        run: echo "$program"
        expect: { begun: string(program.started_at) != "" }
  - id: part
    on_fail: continue
    use: part.yaml
  - id: after
    run: echo "$program $part"
verdict: [{ answer: seen }]
`;
  const part = "casebook: 1\ntitle: Part\nsteps: [{ id: bad, run: sleep 0.05; exit 4 }]\n";
  const cwd = await recorded(runbook, ["--allow", "perturb"], 0, { "part.yaml": part });
  const ran = await replayed(cwd, runbook);
  expect(ran, ran.stderr).toMatchObject({ code: 0, stdout: "seen\nreport: now/report.md\n" });
  const now = await caseJournal(join(cwd, "now"));
  expect(now.finished("part").taken).toBeDefined();
  const then = await caseJournal(join(cwd, "then"));
  expect(then.finished("whole").result).toMatchObject({
    stdout: expect.stringContaining(`"started_at":"${then.finished("program").started_at}"`),
  });
});

test("what was skipped then because nobody was asked is skipped again", async () => {
  const runbook = `casebook: 1
title: Test
steps:
  - { id: asked, search: { issues: a/b, query: x } }
verdict: [{ answer: known, when: size(asked.items) > 0 }]
`;
  const cwd = await recorded(runbook, ["--offline"], 2);
  const ran = await replayed(cwd, runbook);
  expect(ran, ran.stderr).toMatchObject({
    code: 2,
    stdout: "undecided: no rule of the verdict holds\nreport: now/report.md\n",
  });
  expect((await caseJournal(join(cwd, "now"))).finished("asked").reason).toBe("offline: GitHub is not asked");
  expect((await casebook(["test", "."], { cwd })).code).toBe(0);
});
