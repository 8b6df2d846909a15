import { execFile } from "node:child_process";
import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { scratch } from "./support/scratch.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const run = promisify(execFile);

/** The listings of a language in CONTRIBUTING.md. */
async function listings(language: string): Promise<readonly string[]> {
  const page = await readFile(join(root, "CONTRIBUTING.md"), "utf8");
  return [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, name, text = ""]) =>
    name === language ? [text] : [],
  );
}

test("the step kind that CONTRIBUTING writes out is one folder and one line, and works", async () => {
  const copy = await scratch();
  for (const path of ["src", "scripts", "package.json", "tsconfig.json"]) {
    await cp(join(root, path), join(copy, path), { recursive: true });
  }
  await symlink(join(root, "node_modules"), join(copy, "node_modules"));

  const [kind = "", line = ""] = await listings("ts");
  await mkdir(join(copy, "src/steps/line_count"));
  await writeFile(join(copy, "src/steps/line_count/index.ts"), kind);
  const list = join(copy, "src/steps/index.ts");
  const kinds = await readFile(list, "utf8");
  const more = kinds.replace(/(?<=^const loaders: .* = \{\n)/m, line);
  expect(more).not.toBe(kinds);
  await writeFile(list, more);
  await run(join(root, "node_modules/.bin/tsc"), ["-p", "."], { cwd: copy });
  await run(process.execPath, [
    "--input-type=module",
    "--eval",
    `import { bundle } from ${JSON.stringify(join(copy, "scripts/bundle.mjs"))}; await bundle(${JSON.stringify(join(copy, "dist"))});`,
  ]);

  const [runbook = ""] = await listings("yaml");
  await writeFile(join(copy, "runbook.yaml"), runbook);
  await writeFile(join(copy, "world.txt"), "one\ntwo\n");
  const casebook = (...args: string[]) => run(process.execPath, ["dist/cli.js", ...args], { cwd: copy });
  await casebook("run", "runbook.yaml", "--out", "case");
  const report = await readFile(join(copy, "case/report.md"), "utf8");
  expect(report).toMatch(/Lines.*2/);
  expect(report).toContain("result.lines == 2");
  expect((await casebook("kinds", "line_count")).stdout).toContain("The file on the host.");
  await writeFile(join(copy, "runbook.yaml"), runbook.replace("result.lines", "result.line"));
  await expect(casebook("check", "runbook.yaml")).rejects.toMatchObject({ stdout: expect.stringContaining("lines") });
});

test("goldens are written anew for the test files that are named, and not for all", async () => {
  const { scripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  // vitest takes a word after a bare `--update` for its value, and then runs everything.
  expect(scripts["test:update"]).toMatch(/ vitest run --update=all$/);
});
