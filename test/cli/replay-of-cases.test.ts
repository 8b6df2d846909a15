import { appendFile, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { caseJournal } from "../support/case-journal.js";
import { casebook } from "../support/casebook.js";
import { recorded, replayed, said } from "../support/replay.js";

test("large observations come from the evidence, and evidence that was altered is told", async () => {
  const rows = "seq 1 20000 | sed 's/^/a row with a number /'";
  const runbook = said(
    `{ command: "${rows}", parse: lines }`,
    "    expect: { all: size(result.lines) == 20000 }\nverdict: [{ answer: all, when: said.expect.all }]\n",
  );
  const cwd = await recorded(runbook);
  expect((await replayed(cwd, runbook)).stdout).toContain("all\n");
  expect(await readFile(join(cwd, "now/evidence/01-said.stdout"))).toEqual(
    await readFile(join(cwd, "then/evidence/01-said.stdout")),
  );
  await appendFile(join(cwd, "then/evidence/01-said.stdout"), "one more\n");
  const altered = await casebook(["run", "a.yaml", "--replay", "then", "--out", "altered"], { cwd });
  expect(altered.code).toBe(3);
  expect(altered.stdout).toContain("expected the recorded evidence evidence/01-said.stdout");
  expect(altered.stdout).toContain("it is not what was captured");
});

test("inputs are those of the case unless others are given; secrets stand as their masks", async () => {
  const runbook = `casebook: 1
title: Test
inputs:
  word: { about: What is said. }
  lasts: { type: duration, default: 1s }
  token: { secret: true, pattern: "tok-.*" }
steps:
  - id: said
    run: echo "$word $token"
    expect: { whole: "result.stdout.startsWith(word) && lasts == 3000" }
verdict: [{ answer: whole, when: said.expect.whole }]
`;
  const cwd = await recorded(runbook, ["-i", "word=hi", "-i", "token=tok-4711", "-i", "lasts=3s"]);
  const env = { CASEBOOK_INPUT_TOKEN: "tok-4711" };
  const ran = await replayed(cwd, runbook, [], env);
  expect(ran, ran.stderr).toMatchObject({ code: 0, stdout: "whole\nreport: now/report.md\n" });
  const journal = await readFile(join(cwd, "now/journal.ndjson"), "utf8");
  expect(journal).not.toContain("tok-4711");
  expect(journal).toContain('"stdout":"hi [masked:token]"');

  const other = await casebook(["run", "a.yaml", "--replay", "then", "--out", "other", "-i", "word=ho"], { cwd });
  expect(other.code).toBe(3);
  expect(other.stdout).toContain('env.word is "ho", and was "hi"');
});

test("a replay can be replayed, with the times of the first", async () => {
  const runbook = said(
    "sleep 0.2",
    "    expect: { slow: result.milliseconds >= 200 }\nverdict: [{ answer: slow, when: said.expect.slow }]\n",
  );
  const cwd = await recorded(runbook);
  expect((await replayed(cwd, runbook)).stdout).toContain("slow");
  const again = await casebook(["run", "a.yaml", "--replay", "now", "--out", "again"], { cwd });
  expect(again.stdout).toContain("slow");
  const { taken } = (await caseJournal(join(cwd, "now"))).finished("said");
  expect((await caseJournal(join(cwd, "again"))).finished("said").taken).toEqual(taken);
});

test("a case that was cut off gives what it has; one that was altered gives nothing", async () => {
  const runbook = said("echo hi", "  - { id: more, run: echo more }\n");
  const cwd = await recorded(runbook);
  const file = join(cwd, "then/journal.ndjson");
  const { lines } = await caseJournal(join(cwd, "then"));
  const whole = await readFile(file);
  const end = lines.findIndex((line) => line.includes('"step-started"') && line.includes('"more"')) + 1;
  await truncate(file, Buffer.byteLength(`${lines.slice(0, end).join("\n")}\n`) + 9);
  await rm(join(cwd, "then/manifest.sha256")); // a run that died has written none
  const cut = await replayed(cwd, runbook);
  expect(cut.code, cut.stderr).toBe(3);
  expect(cut.stdout).toContain("failed at step more");
  expect(cut.stdout).toContain("not recorded: the step did not finish there");

  await writeFile(file, whole.toString().replace('"stdout":"hi"', '"stdout":"ho"'));
  const altered = await casebook(["run", "a.yaml", "--replay", "then"], { cwd });
  expect(altered).toMatchObject({ code: 64, stdout: "" });
  expect(altered.stderr).toContain("then is not as it was written, and proves nothing: see casebook verify");
});

test.each([
  [["--replay", "nowhere"], "expected a case folder"],
  [["--replay", "then", "--host", "local"], "--replay asks no host and no person: leave out --host"],
  [["--replay", "then", "--answer", "said=yes"], "--replay asks no host and no person: leave out --answer"],
])("%j is a usage error", async (args, says) => {
  const cwd = await recorded(said("echo hi"));
  const ran = await casebook(["run", "a.yaml", ...args], { cwd });
  expect(ran).toMatchObject({ code: 64, stdout: "" });
  expect(ran.stderr).toContain(says);
});

test("the answer of a person is taken as well", async () => {
  const runbook = said("echo hi").replace("run: echo hi", "ask: Was it you?");
  const cwd = await recorded(runbook, ["--answer", "said=no"]);
  const ran = await replayed(cwd, `${runbook}    require: result.answer == "no"\n`);
  expect(ran.code, ran.stderr).toBe(0);
});

test("a note still fails where a value has none, and a diff of values compares anew", async () => {
  const runbook = (left: string): string =>
    said(
      "echo hi",
      `    save: { word: result.stdout }\n  - id: differs\n    diff: { left: "{{word}}", right: ${left} }\n`,
    );
  const cwd = await recorded(runbook("ho"));
  expect((await replayed(cwd, `${runbook("hi")}    require: result.text == ""\n`)).code).toBe(0);
});
