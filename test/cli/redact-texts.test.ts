import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { casebook } from "../support/casebook.js";
import { scratch } from "../support/scratch.js";

const runbook = `casebook: 1
title: Who is ACME Corp?
inputs: { name: { default: ACME Corp } }
steps:
  - id: said
    title: "Ask {{name}}"
    run: printf '%s, mail to jane.doe@acme.example or \\033[31mAC\\033[0mME Corp\\n' "$name"
    save: { mail: result.stdout }
    expect: { known: { that: 'result.stdout.contains("ACME")', says: "{{name}} is known." } }
verdict: [{ answer: known, when: said.expect.known, says: "It is {{name}}." }]
`;

const redactions = `# what leaves the house must not show this
mail: { pattern: '[\\w.]+@[\\w.]+', replacement: "<mail>" }
customer: { text: ACME Corp }
hosts: { text: [db1.internal, db2.internal] }
`;

const hidden = ["ACME Corp", "jane.doe", "acme.example"];

async function reportsIn(folder: string): Promise<string> {
  const texts = ["md", "html", "json"].map((format) => readFile(join(folder, `report.${format}`), "utf8"));
  return (await Promise.all(texts)).join("\n");
}

test("a run's reports do not show what is redacted; the case keeps it, and says how often it was left out", async () => {
  const cwd = await scratch({ "a.yaml": runbook, "redact.yaml": redactions });
  const ran = await casebook(["run", "a.yaml", "--out", "case", "--redact", "redact.yaml"], { cwd });
  expect(ran.code, ran.stderr).toBe(0);
  const reports = await reportsIn(join(cwd, "case"));
  for (const text of hidden) expect(reports).not.toContain(text);
  const markdown = await readFile(join(cwd, "case/report.md"), "utf8");
  expect(markdown).toContain("It is \\[redacted:customer\\].");
  expect(markdown).toMatch(/- `customer`: taken out of this report \d+ times; journal and evidence have it/);
  expect(markdown).toMatch(/- `mail`: taken out of this report \d+ times/);
  expect(ran.stdout).toContain("It is [redacted:customer].");
  expect(await readFile(join(cwd, "case/evidence/01-said.stdout"), "utf8")).toContain("jane.doe@acme.example");
  expect(await readFile(join(cwd, "case/journal.ndjson"), "utf8")).toContain("ACME Corp");
  expect((await casebook(["verify", "case"], { cwd })).code).toBe(0);
});

test("report --redact --out writes what can be handed out beside a case that stays as it is", async () => {
  const cwd = await scratch({ "a.yaml": runbook, "redact.yaml": redactions });
  expect((await casebook(["run", "a.yaml", "--out", "case"], { cwd })).code).toBe(0);
  const before = await reportsIn(join(cwd, "case"));
  const made = await casebook(["report", "case", "--redact", "redact.yaml", "--out", "outside/acme"], { cwd });
  expect(made).toMatchObject({
    code: 0,
    stdout: "outside/acme/report.md\noutside/acme/report.html\noutside/acme/report.json\n",
  });
  expect(await readdir(join(cwd, "outside/acme"))).toEqual(["report.html", "report.json", "report.md"]);
  const reports = await reportsIn(join(cwd, "outside/acme"));
  for (const text of hidden) expect(reports).not.toContain(text);
  expect(await reportsIn(join(cwd, "case"))).toBe(before);
  const again = await casebook(["report", "case", "--redact", "redact.yaml", "--format", "md"], { cwd });
  expect(again.code).toBe(0);
  expect(await readFile(join(cwd, "case/report.md"), "utf8")).not.toContain("ACME Corp");
  const nowhere = await casebook(["report", "case", "--out", "redact.yaml"], { cwd });
  expect(nowhere).toMatchObject({ code: 64, stderr: expect.stringContaining("--out: ") });
});

test.each([
  ["a: { text: ab }", "expected a text of at least 3 characters"],
  ["ACME: { text: ACME }", 'expected a replacement that does not show what is redacted, found "[redacted:ACME]"'],
  ["a: { txet: abc }", 'did you mean "text"?'],
  ["a: { replacement: gone }", "expected a pattern or a text for a, found none"],
  ["a: { pattern: [x, '('] }", "expected an RE2 pattern: missing closing )"],
])("%s is a mistake of usage, and nothing runs", async (text, message) => {
  const cwd = await scratch({ "a.yaml": runbook, "redact.yaml": text });
  const ran = await casebook(["run", "a.yaml", "--out", "case", "--redact", "redact.yaml"], { cwd });
  expect(ran.stderr).toContain(message);
  expect(ran.stderr).toMatch(/redact\.yaml:1:\d+: error/);
  expect(ran.code).toBe(64);
  expect(await readdir(cwd)).toEqual(["a.yaml", "redact.yaml"]);
});
