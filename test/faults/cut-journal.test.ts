import { copyFile, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { foldCase } from "../../src/commands/running/reports.js";
import { renderHtml } from "../../src/report/html/render.js";
import { renderJson } from "../../src/report/json/render.js";
import { renderMarkdown } from "../../src/report/markdown/render.js";
import { casebook } from "../support/casebook.js";
import { scratch } from "../support/scratch.js";

const runbook = `casebook: 1
title: A case to be cut
hypotheses: { fine: All is well. }
steps:
  - id: program
    start: { command: [sh, -c, "echo up; exec sleep 60"], ready: { log: up } }
    during:
      - { id: one, run: echo one, expect: { said: { that: result.stdout == "one", supports: [fine] } } }
verdict: [{ answer: fine, when: one.expect.said }]
`;

async function makeCase(): Promise<string> {
  const cwd = await scratch({ "cut.yaml": runbook });
  const folder = join(cwd, "case");
  const ran = await casebook(["run", join(cwd, "cut.yaml"), "--allow", "perturb", "--out", folder]);
  expect(ran.code, ran.stderr).toBe(0);
  return folder;
}

/** How much of a journal is left: the whole, or nothing or half of each line. Reading is tested at every byte. */
function cutsOf(journal: Buffer): readonly number[] {
  const cuts = [journal.length];
  for (let start = 0; start < journal.length; ) {
    const end = journal.indexOf(0x0a, start);
    cuts.push(start, (start + end) >> 1);
    start = end + 1;
  }
  return cuts;
}

test("a journal that was cut anywhere in any of its lines still renders, with all that was whole in it", async () => {
  const folder = await makeCase();
  const path = join(folder, "journal.ndjson");
  const whole = await readFile(path);
  const cuts = cutsOf(whole);
  for (const length of cuts) {
    await writeFile(path, whole.subarray(0, length));
    const report = await foldCase(folder);
    const where = `cut after ${length} of ${whole.length} bytes`;
    expect(report.integrity.events, where).toBe(whole.subarray(0, length).filter((byte) => byte === 0x0a).length);
    expect(report.status, where).toBe(length === whole.length ? "answered" : "incomplete");
    for (const render of [renderHtml, renderMarkdown, renderJson]) expect(render(report), where).not.toBe("");
  }
  console.log(`${cuts.length} cuts render`);
});

test("the command renders a journal that was cut within a line, at its end, or before its first one", async () => {
  const folder = await makeCase();
  const path = join(folder, "journal.ndjson");
  const whole = join(folder, "..", "whole");
  await copyFile(path, whole);
  const bytes = await readFile(whole);
  const middle = bytes.indexOf(0x0a, bytes.length / 2);
  for (const length of [bytes.length - 1, middle + 1, middle - 5, 10, 0]) {
    await copyFile(whole, path);
    await truncate(path, length);
    const report = await casebook(["report", folder]);
    expect(report.code, `cut after ${length} bytes: ${report.stderr}`).toBe(0);
    expect(await readFile(join(folder, "report.md"), "utf8")).toMatch(/incomplete/i);
  }
});
