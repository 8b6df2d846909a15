import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { casebook } from "../support/casebook.js";
import { scratch } from "../support/scratch.js";

test("a new runbook passes check and can be planned", async () => {
  const cwd = await scratch();
  expect(await casebook(["new", "who-listens.yaml"], { cwd })).toMatchObject({ code: 0, stderr: "" });
  expect(await readFile(join(cwd, "who-listens.yaml"), "utf8")).toContain('title: "Who listens"');
  expect((await casebook(["check", "who-listens.yaml"], { cwd })).stdout).toBe("1 file checked, no mistakes\n");
  expect((await casebook(["plan", "who-listens.yaml"], { cwd })).code).toBe(0);
});

test("whatever a file is called, its runbook is sound", async () => {
  const cwd = await scratch();
  for (const name of [
    "'quoted' \"twice\".yaml",
    "{{port}}.yaml",
    "# no.yaml",
    "...yaml",
    "über: & *x.yaml",
    "\u202e.yaml",
  ]) {
    expect((await casebook(["new", name], { cwd })).code, name).toBe(0);
    expect((await casebook(["check", name], { cwd })).code, name).toBe(0);
  }
});

test("an existing file is never overwritten", async () => {
  const cwd = await scratch();
  await writeFile(join(cwd, "mine.yaml"), "mine");
  const ran = await casebook(["new", "mine.yaml"], { cwd });
  expect(ran).toMatchObject({ code: 64, stdout: "" });
  expect(ran.stderr).toContain("mine.yaml exists already and is left as it is");
  expect(await readFile(join(cwd, "mine.yaml"), "utf8")).toBe("mine");
});
