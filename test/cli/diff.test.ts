import { appendFile, cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { casebook } from "../support/casebook.js";
import { scratch } from "../support/scratch.js";

/** Runs texts, each into a case of its name; gives their folder. */
async function cases(
  texts: Readonly<Record<string, string>>,
  args: Readonly<Record<string, readonly string[]>> = {},
): Promise<string> {
  const cwd = await scratch({});
  for (const [name, text] of Object.entries(texts)) {
    await writeFile(join(cwd, "a.yaml"), text);
    const ran = await casebook(["run", "a.yaml", "--out", name, "--allow", "perturb", ...(args[name] ?? [])], { cwd });
    expect([0, 2, 3], ran.stderr).toContain(ran.code);
  }
  return cwd;
}

const passing = `casebook: 1
title: What passes
steps:
  - id: said
    run: echo "$(date) $(date -u +%FT%T.%3NZ) 0xc000$(date +%N) pid=$$"
  - id: program
    start: { command: [sh, -c, "echo I am $$; exec sleep 60"] }
    during:
      - id: mine
        processes: { pid: "{{program.pid}}" }
        save: { number: only(result.processes).pid, row: only(result.processes) }
      - id: traced
        strace: { command: [sh, -c, "echo hi"], calls: [write] }
        during: [{ run: sleep 0.1 }]
`;

test("runs that came to the same are the same, whatever passes with the run; --all shows that as well", async () => {
  const cwd = await cases({ one: passing, two: passing });
  const same = await casebook(["diff", "one", "two"], { cwd });
  expect(same, same.stdout).toMatchObject({ code: 0, stderr: "" });
  expect(same.stdout).toContain("The cases are the same: 5 steps.\nNot compared, since no two runs share it: times,");

  const all = await casebook(["diff", "one", "two", "--all"], { cwd });
  expect(all.code).toBe(1);
  expect(all.stdout).toMatch(/saved number: \d+ → \d+/);
  expect(all.stdout).toMatch(/-I am \d+\n\s+\+I am \d+/);
  expect(all.stdout).not.toContain("Not compared");
});

const fruit = (more = "") => `casebook: 1
title: Fruit
inputs: { kind: { default: apple }, token: { secret: true } }
hypotheses: { sweet: It is sweet. }
steps:
  - id: taken
    title: Which fruit?
    run: echo "a $kind"; seq 2 20
    save: { what: "result.stdout.split('2')[0].trim()" }
    expect: { apple: { that: kind == "apple", supports: [sweet] } }
  - id: rounds
    for_each: [a, b]
    run: test "$kind$item" != pearb
    on_fail: continue
${more}verdict: [{ answer: sweet, when: taken.expect.apple, says: "An {{kind}}." }]
`;

test("verdict, inputs, hypotheses, values, expectations and outputs that differ are shown", async () => {
  const secret = ["-i", "token=never-shown"];
  const cwd = await cases(
    { one: fruit(), two: fruit("  - run: echo more\n") },
    {
      one: secret,
      two: [...secret, "-i", "kind=pear"],
    },
  );
  const ran = await casebook(["diff", "one", "two"], { cwd });
  expect(ran, ran.stderr).toMatchObject({ code: 1, stderr: "" });
  const shown = ran.stdout.replace(/: local \(.*$/gm, "");
  expect(shown).toBe(`- one
+ two

status: answered → undecided
verdict: sweet → undecided
says: An apple. → none
input kind: apple → pear
hypothesis sweet: supported → open

runbook
  @@ -12,4 +12,5 @@
       for_each: [a, b]
       run: test "$kind$item" != pearb
       on_fail: continue
  +  - run: echo more
   verdict: [{ answer: sweet, when: taken.expect.apple, says: "An {{kind}}." }]

taken – Which fruit?
  saved what: a apple → a pear
  expect apple: met → not met
  stdout
    @@ -1,4 +1,4 @@
    -a apple
    +a pear
     2
     3
     4

rounds
  status: ok → tolerated
  reason: none → round 2: expected exit code 0, found 1

rounds (round 2)
  status: ok → tolerated
  reason: none → expected exit code 0, found 1
  facts
    @@ -1,1 +1,1 @@
    -Exit code: 0
    +Exit code: 1

run-3
  status: none → ok

4 steps differ, 1 is the same.
Not compared, since no two runs share it: times, numbers of processes, addresses in memory. --all compares it too.
`);
  const json = await casebook(["diff", "one", "two", "--json"], { cwd });
  expect(json.code).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({
    same: false,
    cases: ["one", "two"],
    differences: expect.arrayContaining([{ what: "verdict", left: "sweet", right: "undecided" }]),
    steps: [
      { step: "taken", iteration: null },
      { step: "rounds" },
      { step: "rounds", iteration: 2 },
      { step: "run-3" },
    ],
    compared: 5,
  });
});

test("large outputs are compared as a whole, and shown in short", async () => {
  const cwd = await cases({
    one: "casebook: 1\ntitle: Large\nsteps: [{ id: said, run: seq 1 40000 }]\n",
    two: "casebook: 1\ntitle: Large\nsteps: [{ id: said, run: 'seq 1 20000; seq 21000 40000' }]\n",
  });
  const ran = await casebook(["diff", "one", "two"], { cwd });
  expect(ran.code).toBe(1);
  expect(ran.stdout).toContain("    @@ -19998,1005 +19998,6 @@\n");
  expect(ran.stdout).toMatch(/… \d+ more lines\n/);
  expect(ran.stdout.split("\n").length).toBeLessThan(100);
});

test("cases that cannot be compared are usage errors; a run that died and lost evidence can be", async () => {
  const text = "casebook: 1\ntitle: Test\nsteps: [{ id: said, run: seq 1 40000 }, { id: more, run: echo more }]\n";
  const cwd = await cases({
    one: text,
    two: text,
    other: "casebook: 1\ntitle: Other\nsteps: [{ id: unlike, run: 'true' }]\n",
  });
  for (const [second, says] of [
    ["nowhere", "expected a case folder"],
    ["other", "expected two runs of one runbook; one and other share no step"],
  ] as const) {
    const ran = await casebook(["diff", "one", second], { cwd });
    expect(ran).toMatchObject({ code: 64, stdout: "" });
    expect(ran.stderr).toContain(says);
  }
  await rm(join(cwd, "two/evidence/01-said.stdout"));
  const journal = join(cwd, "two/journal.ndjson");
  const lines = (await readFile(journal, "utf8")).split("\n");
  await writeFile(journal, `${lines.slice(0, -4).join("\n")}\n`);
  await appendFile(journal, '{"torn');
  const ran = await casebook(["diff", "one", "two"], { cwd });
  expect(ran.code, ran.stderr).toBe(1);
  expect(ran.stdout).toContain("status: finished → incomplete");
  expect(ran.stdout).toContain("01-said.stdout cannot be read");
});

test("cases that were moved are called as they were named", async () => {
  const cwd = await cases({ one: 'casebook: 1\ntitle: T\nsteps: [{ id: a, run: "true" }]\n' });
  await cp(join(cwd, "one"), join(cwd, "kept/first"), { recursive: true });
  const { stdout } = await casebook(["diff", "kept/first", "one"], { cwd });
  expect(stdout).toMatch(/^- kept\/first: local .*\n\+ one: local /);
});
