import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { casebook } from "../support/casebook.js";
import { scratch } from "../support/scratch.js";

const runbook = `casebook: 1
title: Who is it?
question: Who?
steps: [{ id: asked, run: echo ann@example.org, save: { who: result.stdout } }]
verdict: [{ answer: found, says: "It is {{who}}." }]
`;
const rules = "mail: '[a-z]+@[a-z.]+[a-z]'\nhost: nowhere\n";

test("run --redact and report --redact keep what matches out of the reports and the last lines, not out of the case", async () => {
  const cwd = await scratch({ "a.yaml": runbook, "redact.yaml": rules });
  const ran = await casebook(["run", "a.yaml", "--out", "case", "--redact", "redact.yaml"], { cwd });
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stdout).toContain("found: It is [redacted:mail].\n");
  const report = async () => {
    const files = ["md", "html", "json"].map((format) => readFile(join(cwd, `case/report.${format}`), "utf8"));
    return (await Promise.all(files)).join("");
  };
  expect(await report()).not.toContain("ann@");
  expect(await report()).toMatch(/- `host`: taken out of this report no times/);
  expect(await readFile(join(cwd, "case/evidence/01-asked.stdout"), "utf8")).toBe("ann@example.org\n");
  expect((await casebook(["verify", "case"], { cwd })).code).toBe(0);

  expect((await casebook(["report", "case"], { cwd })).code).toBe(0);
  expect(await report()).toContain("ann@example.org");
  expect((await casebook(["report", "case", "--redact", "redact.yaml"], { cwd })).code).toBe(0);
  expect(await report()).not.toContain("ann@");
});

test("a case that was run with --redact is run again so, and another file counts instead", async () => {
  const cwd = await scratch({ "a.yaml": runbook, "redact.yaml": rules, "none.yaml": "none: nothing\n" });
  const again = async (args: readonly string[]) => (await casebook(args, { cwd })).stdout;
  await again(["run", "a.yaml", "--out", "case", "--redact", "redact.yaml"]);
  expect(await again(["rerun", "case", "--out", "second"])).toContain("found: It is [redacted:mail].\n");
  expect(await readFile(join(cwd, "second/report.md"), "utf8")).not.toContain("ann@");
  expect(await readFile(join(cwd, "second/redact.yaml"), "utf8")).toBe(rules);
  expect(await again(["rerun", "second", "--redact", "none.yaml"])).toContain("found: It is ann@example.org.\n");
});

test("mistakes in the file of patterns are all shown with their place, and nothing runs", async () => {
  const cwd = await scratch({ "a.yaml": runbook, "redact.yaml": "mail: '('\n'a b': x\nall: x*\nlist: [x]\n" });
  const ran = await casebook(["run", "a.yaml", "--out", "case", "--redact", "redact.yaml"], { cwd });
  expect(ran.code).toBe(64);
  for (const says of [
    "redact.yaml:1:7: error: expected an RE2 pattern: missing closing )",
    'redact.yaml:2:8: error: expected a kind of letters, digits, _ and -, found "a b"',
    "redact.yaml:3:6: error: expected a pattern that finds something, found one that matches nothing at all",
    "redact.yaml:4:1: error: expected an RE2 pattern for list, found something else",
    "casebook: --redact: redact.yaml has 4 mistakes",
  ]) {
    expect(ran.stderr).toContain(says);
  }
  const gone = await casebook(["report", "case", "--redact", "nowhere.yaml"], { cwd });
  expect(gone.stderr).toContain("found nothing at nowhere.yaml");
  expect(gone.code).toBe(64);
});
