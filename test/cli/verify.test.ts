import { appendFile, cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeManifest } from "../../src/journal/manifest.js";
import { casebook } from "../support/casebook.js";
import { startCasebook } from "../support/running.js";
import { scratch } from "../support/scratch.js";

const runbook = `casebook: 1
title: Test
steps:
  - { id: said, run: echo hello; echo aside >&2 }
  - { id: more, run: echo more }
`;

/** A folder with a case in `case`. */
async function withCase(): Promise<string> {
  const cwd = await scratch({ "a.yaml": runbook });
  const ran = await casebook(["run", "a.yaml", "--out", "case"], { cwd });
  expect(ran.code, ran.stderr).toBe(0);
  return cwd;
}

test("each file of a case that is altered by one bit, removed or replaced is named", async () => {
  const cwd = await withCase();
  expect(await casebook(["verify", "case"], { cwd })).toMatchObject({
    code: 0,
    stdout: "case is as it was written.\n",
  });
  const files = [
    "journal.ndjson",
    "runbook.yaml",
    "evidence/01-said.stdout",
    "evidence/01-said.stderr",
    "report.md",
    "report.html",
    "report.json",
    "manifest.sha256",
  ];
  for (const file of files) {
    const bytes = await readFile(join(cwd, "case", file));
    const ways: Readonly<Record<string, (path: string) => Promise<void>>> = {
      altered: (path) =>
        writeFile(
          path,
          bytes.map((byte, at) => (at === bytes.length >> 1 ? byte ^ 1 : byte)),
        ),
      removed: (path) => rm(path),
      replaced: async (path) => {
        await rm(path);
        await symlink(join(cwd, "case", file), path);
      },
    };
    for (const [way, alter] of Object.entries(ways)) {
      if (way === "replaced" && file !== "report.md") continue;
      await cp(join(cwd, "case"), join(cwd, "copy"), { recursive: true });
      await alter(join(cwd, "copy", file));
      const ran = await casebook(["verify", "copy"], { cwd });
      expect(ran, `${file} ${way}`).toMatchObject({ code: 1, stderr: "" });
      expect(ran.stdout, `${file} ${way}`).toContain(file === "manifest.sha256" && way === "altered" ? "" : `${file}:`);
      await rm(join(cwd, "copy"), { recursive: true });
    }
  }
});

test("what was added is named, also a link", async () => {
  const cwd = await withCase();
  await writeFile(join(cwd, "case/evidence/mine"), "x");
  await symlink("/etc/passwd", join(cwd, "case/evidence/link"));
  const ran = await casebook(["verify", "case"], { cwd });
  expect(ran.code).toBe(1);
  expect(ran.stdout).toBe("evidence/link: is not in the manifest\nevidence/mine: is not in the manifest\n");
});

test("a manifest that was made anew hides neither another runbook nor other evidence", async () => {
  const cwd = await withCase();
  await appendFile(join(cwd, "case/runbook.yaml"), "# another\n");
  await writeFile(join(cwd, "case/evidence/02-more.stdout"), "less\n");
  await rm(join(cwd, "case/manifest.sha256"));
  await writeManifest(join(cwd, "case"), []);
  const ran = await casebook(["verify", "case"], { cwd });
  expect(ran.code).toBe(1);
  expect(ran.stdout).toBe(
    "runbook.yaml: differs from the one that ran\nevidence/02-more.stdout: differs from what was captured\n",
  );
});

test("an event whose fields are altered is no bug", async () => {
  const cwd = await withCase();
  const path = join(cwd, "case/journal.ndjson");
  const journal = await readFile(path, "utf8");
  await writeFile(path, journal.replace('"runbook":{', '"runbok":{').replace('"evidence":{', '"evidence":7,"x":{'));
  const ran = await casebook(["verify", "case"], { cwd });
  expect(ran).toMatchObject({ code: 1, stderr: "" });
  expect(ran.stdout).toContain("journal.ndjson:1: the line is not the one that was chained");
});

test("a folder that is no case is a mistake of usage", async () => {
  const cwd = await withCase();
  await mkdir(join(cwd, "empty"));
  for (const folder of ["empty", "nowhere", "a.yaml"]) {
    const ran = await casebook(["verify", folder], { cwd });
    expect(ran.code).toBe(64);
    expect(ran.stderr).toContain("expected a case folder with a journal.ndjson or manifest.sha256");
  }
});

test("a case whose run is going on is not judged", async () => {
  const cwd = await scratch({ "a.yaml": "casebook: 1\ntitle: Test\nsteps: [{ id: waiting, run: sleep 86397 }]\n" });
  const running = startCasebook(["run", "a.yaml", "--out", "case"], cwd);
  await running.says("waiting");
  const ran = await casebook(["verify", "case"], { cwd });
  expect(ran).toMatchObject({ code: 64, stdout: "" });
  expect(ran.stderr).toContain(`case is in use by process ${running.child.pid}`);
  running.child.kill("SIGINT");
  expect((await running.ended).code).toBe(130);
  expect((await casebook(["verify", "case"], { cwd })).code).toBe(0);
});
