import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { casebook } from "../support/casebook.js";
import { scratch } from "../support/scratch.js";

const runbook = (title: string): string =>
  `casebook: 1\ntitle: ${title}\ninputs:\n  port: { type: integer, about: The port }\n  n: { default: 2, type: integer }\n` +
  "  t: { secret: true, optional: true }\n  w: { type: duration, default: 20s }\nsteps: [{ start: { command: [a] }, during: [{ note: x }] }]\n";

test("runbooks are listed with title, risk and inputs; other YAML is left alone, faulty ones are named", async () => {
  const cwd = await scratch({ "b.yaml": runbook("Second"), "other.yaml": "a: 1\n", "faulty.yaml": "casebook: 1\n" });
  await mkdir(join(cwd, "a"));
  await mkdir(join(cwd, "node_modules"));
  await mkdir(join(cwd, ".hidden"));
  for (const folder of ["a", "node_modules", ".hidden"]) await writeFile(join(cwd, folder, "x.yaml"), runbook("First"));
  await symlink(cwd, join(cwd, "a", "loop"));
  const ran = await casebook(["list"], { cwd });
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  expect(ran.stdout).toBe(`a/x.yaml
  First
  risk: perturb
  -i port (integer, required): The port
  -i n (integer, default 2)
  -i t (string, secret, optional)
  -i w (duration, default 20s)

b.yaml
  Second
  risk: perturb
  -i port (integer, required): The port
  -i n (integer, default 2)
  -i t (string, secret, optional)
  -i w (duration, default 20s)

faulty.yaml
  not valid: see casebook check faulty.yaml
`);
});

test("the copy of a runbook in a case that ran is not listed, but a case can be named", async () => {
  const cwd = await scratch({ "a.yaml": "casebook: 1\ntitle: Test\nsteps: [{ note: x }]\n" });
  expect((await casebook(["run", "a.yaml", "--out", "case"], { cwd })).code).toBe(0);
  expect((await casebook(["list"], { cwd })).stdout).toBe("a.yaml\n  Test\n  risk: observe\n");
  expect((await casebook(["list", "case"], { cwd })).stdout).toContain("case/runbook.yaml\n");
});

test("a folder can be named, and an empty one is no mistake", async () => {
  const cwd = await scratch();
  await mkdir(join(cwd, "in"));
  const ran = await casebook(["list", "in"], { cwd });
  expect(ran).toMatchObject({ code: 0, stdout: "" });
  expect(ran.stderr).toContain("no runbooks in in");
});

test("a default amount is shown as it can be given", async () => {
  const inputs = ["90s", "10m", "1500ms", "36h", "2d", "0ms"].map((text, n) => [`d${n}`, "duration", text] as const);
  const sizes = ["100MiB", "1536B", "2TiB", "0B", "1000KiB"].map((text, n) => [`s${n}`, "size", text] as const);
  const all = [...inputs, ...sizes];
  const declared = all.map(([name, type, text]) => `  ${name}: { type: ${type}, default: ${text} }\n`).join("");
  const cwd = await scratch({ "a.yaml": `casebook: 1\ntitle: A\ninputs:\n${declared}steps: [note: x]\n` });
  const { stdout } = await casebook(["list"], { cwd });
  for (const [name, type, text] of all) expect(stdout).toContain(`  -i ${name} (${type}, default ${text})\n`);
  const given = all.flatMap(([name, , text]) => ["-i", `${name}=${text}`]);
  expect(await casebook(["plan", "a.yaml", ...given], { cwd })).toMatchObject({ code: 0 });
});
