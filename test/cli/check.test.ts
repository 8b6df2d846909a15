import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { kindNames } from "../../src/steps/index.js";
import { casebook } from "../support/casebook.js";
import { scratch } from "../support/scratch.js";

const sound = "casebook: 1\ntitle: Sound\nsteps:\n  - run: 'true'\n";
const faulty = "casebook: 1\ntitle: Faulty\nsteps:\n  - rnu: 'true'\n  - run: 'true'\n    tmieout: 1s\n";

test("a sound runbook is checked and counted", async () => {
  const cwd = await scratch({ "a.yaml": sound });
  expect(await casebook(["check", "a.yaml"], { cwd })).toMatchObject({
    code: 0,
    stdout: "1 file checked, no mistakes\n",
    stderr: "",
  });
});

test("all mistakes of all files are shown with their place, and counted at the end", async () => {
  const cwd = await scratch({ "a.yaml": sound, "b.yaml": faulty, "c.yaml": "steps: [" });
  const ran = await casebook(["check", "a.yaml", "b.yaml", "c.yaml"], { cwd });
  expect(ran).toMatchObject({ code: 65, stderr: "" });
  expect(ran.stdout).toContain("b.yaml:4:5:");
  expect(ran.stdout).toContain('did you mean "run"?');
  expect(ran.stdout).toContain("b.yaml:6:5:");
  expect(ran.stdout).toContain('did you mean "timeout"?');
  expect(ran.stdout).toContain("c.yaml:1:");
  expect(ran.stdout.trimEnd().split("\n").at(-1)).toMatch(/^\d+ mistakes in 2 of 3 files$/);
});

test("--json gives the same to editors and CI", async () => {
  const cwd = await scratch({ "a.yaml": sound, "b.yaml": faulty });
  const ran = await casebook(["check", "--json", "a.yaml", "b.yaml"], { cwd });
  expect(ran.code).toBe(65);
  const { errors, files } = JSON.parse(ran.stdout);
  expect(errors).toBe(2);
  expect(files[0]).toEqual({ file: "a.yaml", diagnostics: [] });
  expect(files[1].diagnostics).toHaveLength(2);
  expect(files[1].diagnostics[0]).toMatchObject({
    severity: "error",
    line: 4,
    column: 5,
    end_line: 4,
    end_column: 8,
    hint: 'did you mean "run"?',
  });
  expect(files[1].diagnostics[0].code).toMatch(/^[a-z-]+$/);
});

test("a file that is not there does not keep the others from being checked", async () => {
  const cwd = await scratch({ "b.yaml": faulty });
  const ran = await casebook(["check", "a.yaml", "b.yaml"], { cwd });
  expect(ran.code).toBe(64);
  expect(ran.stderr).toContain("found nothing at a.yaml");
  expect(ran.stdout).toContain("b.yaml:4:5:");
  const json = await casebook(["check", "--json", "a.yaml", "b.yaml"], { cwd });
  expect(json.code).toBe(64);
  expect(JSON.parse(json.stdout)).toMatchObject({
    errors: 3,
    files: [{ file: "b.yaml" }, { file: "a.yaml", diagnostics: [{ code: "unreadable", line: null }] }],
  });
});

test("a kind is known however its name is written, and a mistake is told with all kinds in mind", async () => {
  const cwd = await scratch({
    "escaped.yaml": 'casebook: 1\ntitle: x\nsteps:\n  - "r\\x75n": x\n  - ? log\n    : { file: /x }\n',
    "faulty.yaml": "casebook: 1\ntitle: x\nsteps:\n  - run: x\n    during: [{ note: x }]\n  - title: x\n",
  });
  expect(await casebook(["check", "escaped.yaml"], { cwd })).toMatchObject({ code: 0, stderr: "" });
  const { stdout } = await casebook(["check", "faulty.yaml"], { cwd });
  expect(stdout).toContain(`one of ${kindNames.join(", ")}`);
  expect(stdout).toMatch(/instruments are .*\bcatch\b.*\bdiff\b/);
});

test("files that are no runbooks give diagnostics, whatever they hold", async () => {
  const cwd = await scratch({
    "empty.yaml": "",
    "binary.yaml": Uint8Array.from([0xff, 0xfe, 0x00, 0x80]),
    "escape.yaml": "casebook: 1\ntitle: \u001b[31m\nsteps: []\n",
    "deep.yaml": `casebook: 1\ntitle: x\nsteps: ${"[".repeat(10_000)}`,
    "crlf.yaml": "casebook: 1\r\ntitle: x\r\nsteps:\r\n  - nonsense: 1\r\n",
  });
  for (const file of ["empty.yaml", "binary.yaml", "escape.yaml", "deep.yaml", "crlf.yaml"]) {
    const ran = await casebook(["check", file], { cwd });
    expect(ran, file).toMatchObject({ code: 65, stderr: "" });
    expect(ran.stdout).toMatch(/1 mistake|2 mistakes/);
    expect(ran.stdout).not.toContain("\u001b");
  }
});

test("a byte order mark and a folder in the path are no mistakes", async () => {
  const cwd = await scratch({});
  await mkdir(join(cwd, "näme with spaces"));
  const file = join("näme with spaces", "a.yaml");
  await import("node:fs/promises").then(({ writeFile }) => writeFile(join(cwd, file), `\ufeff${sound}`));
  expect((await casebook(["check", file], { cwd })).code).toBe(0);
});

test("10,000 steps are checked in a few seconds", async () => {
  const steps = Array.from({ length: 10_000 }, (_, index) => `  - id: s${index}\n    run: echo ${index}\n`);
  const cwd = await scratch({ "big.yaml": `casebook: 1\ntitle: Big\nsteps:\n${steps.join("")}` });
  const since = performance.now();
  expect((await casebook(["check", "big.yaml"], { cwd })).code).toBe(0);
  expect(performance.now() - since).toBeLessThan(20_000);
});
