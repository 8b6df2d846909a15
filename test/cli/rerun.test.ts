import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { caseJournal } from "../support/case-journal.js";
import { casebook } from "../support/casebook.js";
import { recorded, said } from "../support/replay.js";

const runbook = `casebook: 1
title: Test
inputs: { who: { default: me } }
steps:
  - id: one
    run: echo one >> ran; echo "one $who"
    save: { first: result.stdout }
  - id: program
    start: { command: [sleep, "60"] }
    during:
      - id: mine
        run: [sh, -c, "echo mine >> ran; echo {{program.pid}}"]
        save: { number: result.stdout }
      - id: inner
        run: echo inner >> ran; echo "$first $number"
  - id: three
    run: echo three >> ran; echo "$first"; cat given
    expect: { right: result.stdout.startsWith("one me") }
verdict: [{ answer: right, when: three.expect.right }]
`;

/** Steps that ran, in their order, since they were asked for last. */
async function ran(cwd: string): Promise<string> {
  const text = await readFile(join(cwd, "ran"), "utf8").catch(() => "");
  await rm(join(cwd, "ran"), { force: true });
  return text.trim().replaceAll("\n", " ");
}

const taken = async (folder: string): Promise<readonly string[]> =>
  (await caseJournal(folder)).of("step-finished").flatMap((event) => (event.taken === undefined ? [] : [event.step]));

test("from a step on all runs again, with the values before it taken, marked, and the inputs of the case", async () => {
  const cwd = await recorded(runbook, ["--allow", "perturb", "-i", "who=me"], 3);
  expect(await ran(cwd)).toBe("one mine inner three");
  await writeFile(join(cwd, "given"), "");
  const again = await casebook(["rerun", "then", "--from", "three", "--out", "again"], { cwd });
  expect(again, again.stderr).toMatchObject({ code: 0, stdout: "right\nreport: again/report.md\n" });
  expect(await ran(cwd)).toBe("three");
  expect(await taken(join(cwd, "again"))).toEqual(["one", "mine", "inner", "program"]);
  const { of } = await caseJournal(join(cwd, "again"));
  expect(of("run-started")[0]?.taken_from).toMatchObject({ mode: "rerun", case: "then" });
  expect(of("change-announced")).toEqual([]);
  const report = await readFile(join(cwd, "again/report.md"), "utf8");
  expect(report).toContain("| Observations | in part taken, as each step says, from `then` of");
  expect(report.match(/ · taken: observed /g)).toHaveLength(4);
  expect((await casebook(["verify", "again"], { cwd })).code).toBe(0);

  // From inside an instrument: from the outermost around it, since its session is over.
  const inside = await casebook(["rerun", "again", "--from", "inner"], { cwd });
  expect(inside.code, inside.stderr).toBe(0);
  expect(inside.stdout).toMatch(/^right\nreport: reports\/\d+T\d+Z-a\/report\.md\n$/);
  expect(await ran(cwd)).toBe("mine inner three");

  expect((await casebook(["rerun", "then"], { cwd })).code).toBe(0);
  expect(await ran(cwd)).toBe("one mine inner three");
});

test("only some steps run again with the instruments around them, without a verdict", async () => {
  const cwd = await recorded(runbook, ["--allow", "perturb"], 3);
  await ran(cwd);
  const inner = await casebook(["rerun", "then", "--only", "inner", "--out", "inner"], { cwd });
  expect(inner, inner.stderr).toMatchObject({ code: 0, stdout: "finished: 4 steps ok\nreport: inner/report.md\n" });
  expect(await ran(cwd)).toBe("inner");
  const then = await caseJournal(join(cwd, "then"));
  const now = await caseJournal(join(cwd, "inner"));
  expect(now.of("verdict")).toEqual([]);
  expect(now.of("change-undone")).toHaveLength(1);
  expect(now.finished("program")).not.toHaveProperty("taken");
  expect(now.finished("inner").result).toMatchObject({ stdout: `one me ${then.finished("mine").saved.number}` });

  const whole = await casebook(["rerun", "then", "--only", "one, program", "--out", "whole"], { cwd });
  expect(whole.code, whole.stderr).toBe(0);
  expect(await ran(cwd)).toBe("one mine inner");

  const failing = await casebook(["rerun", "then", "--only", "three", "--out", "failing"], { cwd });
  expect(failing.code).toBe(3);
  expect(failing.stdout).toContain("failed at step three");
  expect(await ran(cwd)).toBe("three");
});

test("what failed or never ran does not keep a later step from running alone", async () => {
  const text = said("'false'", "  - { id: never, run: echo never }\n  - { id: last, run: echo last >> ran }\n");
  const cwd = await recorded(text, [], 3);
  const only = await casebook(["rerun", "then", "--only", "last", "--out", "only"], { cwd });
  expect(only.code, only.stderr).toBe(0);
  expect(await ran(cwd)).toBe("last");
  const { finished } = await caseJournal(join(cwd, "only"));
  expect(finished("said")).toMatchObject({
    outcome: "failed",
    tolerated: true,
    reason: "expected exit code 0, found 1",
  });
  expect(finished("never")).toMatchObject({
    outcome: "failed",
    tolerated: true,
    reason: "not recorded: the step is not there",
  });

  const from = await casebook(["rerun", "then", "--from", "last", "--out", "from"], { cwd });
  expect(from.code).toBe(3);
  expect(from.stdout).toContain("failed at step said");
});

test("another input, or a changed runbook, is used; what was taken with the old one is told", async () => {
  const cwd = await recorded(runbook, ["--allow", "perturb"], 3);
  await writeFile(join(cwd, "given"), "");
  const other = await casebook(["rerun", "then", "--from", "three", "-i", "who=you", "--out", "other"], { cwd });
  expect(other.code).toBe(3);
  expect(other.stdout).toContain('not recorded with these fields: env.who is "you", and was "me"');
  expect(other.stdout).toMatch(/^to do: let it run again as well: --from \w+$/m);
  await writeFile(join(cwd, "b.yaml"), runbook.replace("echo three >> ran", "echo changed >> ran"));
  await ran(cwd);
  const changed = await casebook(["rerun", "then", "--from", "three", "--runbook", "b.yaml", "--out", "changed"], {
    cwd,
  });
  expect(changed.code, changed.stderr).toBe(0);
  expect(await ran(cwd)).toBe("changed");
});

test("secrets are asked for again, and what was allowed then is allowed now, no more", async () => {
  const text = `casebook: 1
title: Test
inputs: { token: { secret: true } }
steps:
  - id: one
    run: echo "one $token"
  - id: two
    run: echo "two $token" | tee told
`;
  const cwd = await recorded(text, ["-i", "token=tok-4711"]);
  const without = await casebook(["rerun", "then", "--from", "two"], { cwd });
  expect(without.code).toBe(64);
  expect(without.stderr).toContain('input "token" is missing');
  const env = { CASEBOOK_INPUT_TOKEN: "tok-0815" };
  const ran = await casebook(["rerun", "then", "--from", "two", "--out", "now"], { cwd, env });
  expect(ran.code, ran.stderr).toBe(0);
  expect(await readFile(join(cwd, "told"), "utf8")).toBe("two tok-0815\n");
  expect(await readFile(join(cwd, "now/journal.ndjson"), "utf8")).not.toMatch(/tok-(0815|4711)/);

  await writeFile(join(cwd, "b.yaml"), text.replace("id: two\n", "id: two\n    risk: perturb\n"));
  const more = await casebook(["rerun", "then", "--from", "two", "--runbook", "b.yaml"], { cwd, env });
  expect(more.code).toBe(77);
  expect(more.stderr).toContain("to run it: --allow perturb");
});

test("a step that asks when another began gets the time of then", async () => {
  const text = said(
    "date +%FT%T.%NZ >> log",
    "  - { id: more, run: 'date +%FT%T.%NZ >> log' }\n  - { id: seen, log: { command: cat log, since: said }, require: result.count == 2 }\n",
  );
  const cwd = await recorded(text);
  const ran = await casebook(["rerun", "then", "--only", "seen", "--out", "now"], { cwd, env: { TZ: "UTC" } });
  expect(ran.code, ran.stdout).toBe(0);
});

test("a runbook that is used is run again as a whole", async () => {
  const using =
    "casebook: 1\ntitle: Test\nquestion: Is it?\nsteps: [{ id: part, use: part.yaml }]\nverdict: [{ answer: fine }]\n";
  const part = "casebook: 1\ntitle: Part\nsteps: [{ id: said, run: echo hi }]\n";
  const cwd = await recorded(using, [], 0, { "part.yaml": part });
  const inside = await casebook(["rerun", "then", "--only", "part.said"], { cwd });
  expect(inside.code).toBe(64);
  expect(inside.stderr).toContain("part.said is inside the runbook that part uses, which is run as a whole: name part");
  const whole = await casebook(["rerun", "then", "--only", "part", "--out", "whole"], { cwd });
  expect(whole.code, whole.stderr).toBe(0);
  expect(await readFile(join(cwd, "whole/report.md"), "utf8")).toContain("**No verdict: none was to be reached;");
});

test.each([
  [["--from", "sad"], 'expected a step of a.yaml, found sad; did you mean "said"?'],
  [["--only", "said,nothing"], "expected a step of a.yaml, found nothing; steps: said"],
  [["--from", "said", "--only", "said"], "--from and --only exclude each other"],
  [["--runbook", "nowhere.yaml"], "expected a file, found nothing at nowhere.yaml"],
])("%j is a usage error", async (args, says) => {
  const cwd = await recorded(said("echo hi"));
  const ran = await casebook(["rerun", "then", ...args], { cwd });
  expect(ran).toMatchObject({ code: 64, stdout: "" });
  expect(ran.stderr).toContain(says);
});

test("a copy of the runbook that is not what ran is not run", async () => {
  const cwd = await recorded(said("echo hi"));
  await writeFile(join(cwd, "then/runbook.yaml"), said("echo planted >> ran"));
  const again = await casebook(["rerun", "then"], { cwd });
  expect(again).toMatchObject({ code: 64, stdout: "" });
  expect(again.stderr).toContain("then is not as it was written: its copy of a.yaml is not what ran");
  expect(await ran(cwd)).toBe("");
});

test("a case that left something changed has to be put back first", async () => {
  const cwd = await recorded(runbook, ["--allow", "perturb"], 3);
  const { lines } = await caseJournal(join(cwd, "then"));
  const end = lines.findIndex((line) => line.includes('"change-announced"')) + 1;
  await writeFile(join(cwd, "then/journal.ndjson"), `${lines.slice(0, end).join("\n")}\n`);
  await rm(join(cwd, "then/manifest.sha256")); // a run that died has written none
  const ran = await casebook(["rerun", "then"], { cwd });
  expect(ran.code).toBe(64);
  expect(ran.stderr).toContain("then has left something changed; put it back first: casebook restore then");
});
