import { execFileSync, spawnSync } from "node:child_process";
import { appendFile, chmod, cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { casebook, cli } from "../support/casebook.js";
import { scratch } from "../support/scratch.js";

const runbook = `casebook: 1
title: Test
steps:
  - { id: said, run: echo hello }
  - { id: more, run: echo more }
`;

/** A folder with a case in `whole`, and in `case` a copy of it, which is to be altered. */
async function withCopy() {
  const cwd = await scratch({ "a.yaml": runbook });
  const ran = await casebook(["run", "a.yaml", "--out", "whole"], { cwd });
  expect(ran.code, ran.stderr).toBe(0);
  await cp(join(cwd, "whole"), join(cwd, "case"), { recursive: true });
  return {
    cwd,
    file: (name: string) => join(cwd, "case", name),
    verify: () => casebook(["verify", "case"], { cwd }),
  };
}

/** Alters what no later line chains: how the run ended. */
async function alterEnd(journal: string): Promise<void> {
  const text = await readFile(journal, "utf8");
  await writeFile(journal, text.replace('"exit_code":0,"milliseconds"', '"exit_code":3,"milliseconds"'));
}

const ways = {
  "an altered last line": async (file) => alterEnd(file("journal.ndjson")),
  "a line that was taken away at the end": async (file) => {
    const text = await readFile(file("journal.ndjson"), "utf8");
    await writeFile(file("journal.ndjson"), text.replace(/.*\n$/, ""));
  },
  "other evidence": async (file) => writeFile(file("evidence/02-more.stdout"), "less\n"),
  "evidence that was added": async (file) => writeFile(file("evidence/03-most.stdout"), "most\n"),
  "another runbook": async (file) => appendFile(file("runbook.yaml"), "# another\n"),
} satisfies Readonly<Record<string, (file: (name: string) => string) => Promise<void>>>;

test.each(Object.entries(ways))("no command that writes hides %s", async (_, alter) => {
  const { cwd, file, verify } = await withCopy();
  await alter(file);
  const before = await verify();
  expect(before.code).toBe(1);
  const [first] = before.stdout.split("\n");

  const reported = await casebook(["report", "case"], { cwd });
  expect(reported).toMatchObject({ code: 0, stdout: "case/report.md\ncase/report.html\ncase/report.json\n" });
  expect(reported.stderr).toBe(
    `casebook: case is not as it was written: ${first}; \`casebook verify case\` has the rest\n`,
  );
  expect(await verify()).toMatchObject({ code: 1, stdout: before.stdout });
  for (const page of ["report.md", "report.html"]) {
    expect(await readFile(file(page), "utf8"), page).toContain("The case is not as it was written");
  }
  const { integrity } = JSON.parse(await readFile(file("report.json"), "utf8"));
  expect(integrity.altered).toEqual(before.stdout.trimEnd().split("\n"));

  const restored = await casebook(["restore", "case"], { cwd });
  expect(restored).toMatchObject({ code: 0, stdout: "Nothing was left to put back.\n", stderr: reported.stderr });
  expect(await verify()).toMatchObject({ code: 1, stdout: before.stdout });

  const compared = await casebook(["diff", "whole", "case"], { cwd });
  expect(compared.stderr).toBe(reported.stderr);
});

test("reports that were altered or taken away are written anew", async () => {
  const { cwd, file, verify } = await withCopy();
  await appendFile(file("report.md"), "mine\n");
  await rm(file("report.html"));
  expect((await verify()).code).toBe(1);
  expect(await casebook(["report", "case", "--format", "md"], { cwd })).toMatchObject({ code: 0, stderr: "" });
  expect(await verify()).toMatchObject({ code: 1, stdout: "report.html: is missing\n" });
  expect(await casebook(["report", "case"], { cwd })).toMatchObject({ code: 0, stderr: "" });
  expect(await verify()).toMatchObject({ code: 0 });
});

test("reports that are written into the case by its name are in its manifest", async () => {
  const { cwd, verify } = await withCopy();
  expect(await casebook(["report", "case", "--out", "./case/"], { cwd })).toMatchObject({ code: 0 });
  expect(await verify()).toMatchObject({ code: 0 });
});

test("nothing is taken of a case whose end was altered", async () => {
  const { cwd, file } = await withCopy();
  await alterEnd(file("journal.ndjson"));
  for (const args of [
    ["rerun", "case"],
    ["run", "a.yaml", "--replay", "case"],
  ]) {
    const ran = await casebook(args, { cwd });
    expect(ran.code).toBe(64);
    expect(ran.stderr).toContain("case is not as it was written, and proves nothing");
  }
});

test("a line that was taken away is told once", async () => {
  const { file, verify } = await withCopy();
  const lines = (await readFile(file("journal.ndjson"), "utf8")).split("\n");
  await writeFile(file("journal.ndjson"), lines.toSpliced(3, 1).join("\n"));
  expect(await verify()).toMatchObject({
    code: 1,
    stdout: `journal.ndjson:4: expected event 4, found 5
journal.ndjson: differs from the manifest
`,
  });
});

test("a file that one may not read is named, and is no bug", async () => {
  const { cwd, file } = await withCopy();
  execFileSync("chown", ["-R", "65534:65534", cwd]);
  const asNobody = (...args: readonly string[]) => {
    const as = ["--reuid=65534", "--regid=65534", "--clear-groups", process.execPath, cli()];
    const { status, stdout, stderr } = spawnSync("setpriv", [...as, ...args], { cwd, encoding: "utf8" });
    return { code: status, stdout, stderr };
  };
  const told = (name: string) => `${name}: cannot be read (EACCES)`;
  for (const name of ["evidence/02-more.stdout", "runbook.yaml", "manifest.sha256", "journal.ndjson"]) {
    await chmod(file(name), 0);
    expect(asNobody("verify", "case"), name).toEqual({ code: 1, stdout: `${told(name)}\n`, stderr: "" });
    for (const args of [
      ["report", "case"],
      ["restore", "case"],
      ["rerun", "case"],
      ["diff", "whole", "case"],
    ]) {
      const ran = asNobody(...args);
      expect(ran.code, `${args.join(" ")}, ${name}: ${ran.stderr}`).not.toBe(70);
      if (args[0] === "report" && name !== "journal.ndjson") expect(ran.stderr).toContain(told(name));
      if (name === "journal.ndjson") expect(ran.code).toBe(64);
    }
    await chmod(file(name), 0o600);
    expect(asNobody("report", "case")).toMatchObject({ code: 0, stderr: "" });
  }
  expect(asNobody("verify", "case").code).toBe(0);
});
