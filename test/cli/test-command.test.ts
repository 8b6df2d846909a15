import { execFileSync } from "node:child_process";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { casebook } from "../support/casebook.js";
import { scratch } from "../support/scratch.js";

const fruit = (from: string, when = "taken.expect.apple") => `casebook: 1
title: Fruit
inputs: { kind: { about: Which. } }
hypotheses: { sweet: It is sweet. }
steps:
  - id: taken
    run: echo "a $kind"
    save: { what: result.stdout }
    expect: { apple: { that: result.stdout == "${from}", supports: [sweet] } }
verdict: [{ answer: sweet, when: ${when} }]
`;

/** A folder with the runbook `books/fruit.yaml` and its cases `books/cases/apple` and `pear`. */
async function tested(): Promise<string> {
  const cwd = await scratch({});
  await mkdir(join(cwd, "books/cases"), { recursive: true });
  await writeFile(join(cwd, "books/fruit.yaml"), fruit("a apple"));
  for (const kind of ["apple", "pear"]) {
    const args = ["run", "books/fruit.yaml", "-i", `kind=${kind}`, "--out", `books/cases/${kind}`];
    const ran = await casebook(args, { cwd });
    expect(ran.code, ran.stderr).toBe(kind === "apple" ? 0 : 2);
  }
  return cwd;
}

test("cases come to what they came to; a changed runbook is told, with what is expected beside the case", async () => {
  const cwd = await tested();
  const same = await casebook(["test", "books"], { cwd, env: { CASEBOOK_INPUT_KIND: "plum" } });
  expect(same).toMatchObject({ code: 0, stderr: "" });
  expect(same.stdout).toBe(`ok    books/cases/apple with books/fruit.yaml
ok    books/cases/pear with books/fruit.yaml
2 cases: 2 ok, 0 failed
`);

  await writeFile(join(cwd, "books/fruit.yaml"), fruit("a pear"));
  const changed = await casebook(["test", "books"], { cwd });
  expect(changed).toMatchObject({ code: 1, stderr: "" });
  expect(changed.stdout).toBe(`FAIL  books/cases/apple with books/fruit.yaml
      verdict: expected sweet, found undecided
      hypotheses sweet: expected supported, found open
      exit: expected 0, found 2
FAIL  books/cases/pear with books/fruit.yaml
      verdict: expected undecided, found sweet
      hypotheses sweet: expected open, found supported
      exit: expected 2, found 0
2 cases: 0 ok, 2 failed
`);

  await writeFile(
    join(cwd, "books/cases/apple.expected.yaml"),
    "verdict: undecided\nexit: 2\nexpect: { taken.apple: false }\nsaved: { what: a apple }\n",
  );
  await writeFile(
    join(cwd, "books/cases/pear.expected.yaml"),
    "hypotheses: { sweet: supported }\nsaved: { what: a plum }\n",
  );
  const expected = await casebook(["test", "books"], { cwd });
  expect(expected.code).toBe(1);
  expect(expected.stdout).toBe(`ok    books/cases/apple with books/fruit.yaml
FAIL  books/cases/pear with books/fruit.yaml
      saved what: expected a plum, found a pear
2 cases: 1 ok, 1 failed
`);
});

test("what keeps a case from being tested fails it, and the others go on", async () => {
  const cwd = await tested();
  const journal = join(cwd, "books/cases/apple/journal.ndjson");
  await writeFile(journal, (await readFile(journal, "utf8")).replace("a apple", "a grape"));
  await writeFile(join(cwd, "books/cases/pear.expected.yaml"), "verdicts: sweet\nexit: no\nhypotheses: { h: maybe }\n");
  await cp(join(cwd, "books/cases/pear"), join(cwd, "books/cases/same"), { recursive: true });
  const ran = await casebook(["test", "books"], { cwd });
  expect(ran).toMatchObject({ code: 1, stderr: "" });
  expect(ran.stdout).toContain("books/cases/apple is not as it was written, and proves nothing: see casebook verify");
  for (const mistake of [
    'unknown key "verdicts"; did you mean "verdict"?',
    "exit: expected an exit code",
    "hypotheses.h: expected one of supported, refuted, contested, open",
  ]) {
    expect(ran.stdout).toContain(mistake);
  }
  expect(ran.stdout).toContain("ok    books/cases/same with books/fruit.yaml\n3 cases: 1 ok, 2 failed\n");

  await writeFile(join(cwd, "books/fruit.yaml"), "casebook: 1\ntitle: Test\nstep: []\n");
  const invalid = await casebook(["test", "books/cases/same"], { cwd });
  expect(invalid.code).toBe(1);
  expect(invalid.stdout).toContain('      books/fruit.yaml:3:1: error: unknown key "step"');
  await rm(join(cwd, "books/fruit.yaml"));
  const absent = await casebook(["test", "books/cases/same"], { cwd });
  expect(absent.code).toBe(1);
  expect(absent.stdout).toContain(
    "expected the runbook books/fruit.yaml beside the case or in a folder above, found none",
  );
});

test("--junit writes what CI reads, whatever the texts hold", async () => {
  const cwd = await tested();
  await writeFile(join(cwd, "books/cases/pear.expected.yaml"), 'saved: { what: "<&\\u0001\\u00e9\\"" }\n');
  const ran = await casebook(["test", "books", "--junit", "results.xml"], { cwd });
  expect(ran.code, ran.stderr).toBe(1);
  const xml = await readFile(join(cwd, "results.xml"), "utf8");
  expect(xml).toContain('<testsuite name="books/fruit.yaml" tests="2" failures="1" errors="0"');
  expect(xml).toContain('<testcase classname="books/fruit.yaml" name="cases/apple"');
  expect(xml).toContain('<failure message="saved what: expected &lt;&amp;\ufffdé&quot;, found a pear">');
  execFileSync("python3", ["-c", "import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])", "results.xml"], {
    cwd,
  });

  const nowhere = await casebook(["test", "books", "--junit", "no/where.xml"], { cwd });
  expect(nowhere.code).toBe(64);
  expect(nowhere.stderr).toContain("--junit: no/where.xml cannot be written (ENOENT)");
});

test.each([
  [["test", "nowhere"], "expected a folder, found nothing at nowhere"],
  [["test", "."], "expected recorded cases below ., found none"],
])("%j tests nothing, which is a usage error", async (args, says) => {
  const ran = await casebook(args, { cwd: await scratch({ "a.yaml": fruit("") }) });
  expect(ran).toMatchObject({ code: 64, stdout: "" });
  expect(ran.stderr).toContain(says);
});

test("the case that comes with casebook proves its runbook, debugger and all, on a machine without one", async () => {
  const sample = fileURLToPath(new URL("../../reports/sample", import.meta.url));
  const cwd = await scratch({});
  await cp(sample, join(cwd, "sample"), { recursive: true });
  await cp(join(sample, "runbook.yaml"), join(cwd, "go-random-port.yaml"));
  const ran = await casebook(["test", "."], { cwd, env: { PATH: "/nowhere" } });
  expect(ran, ran.stdout).toMatchObject({ code: 0, stderr: "" });
});
