import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { casebook } from "../support/casebook.js";
import { scratch } from "../support/scratch.js";
import { onTerminal } from "../support/terminal.js";

const runbook = `casebook: 1
title: Test
inputs:
  port: { type: integer }
  names: { type: list, default: [] }
  role: { default: none }
steps:
  - { id: said, run: 'echo "$port $names $role"; exit "$((port - 1))"', on_fail: continue }
verdict: [{ answer: one, when: port == 1 }]
`;

const inventory = `# which hosts there are
hosts:
  one: { url: local, inputs: { port: 1, names: [a, b], role: 0755 } }
  two: { url: local, inputs: { port: 2 } }
  bare: local
`;

async function evidence(cwd: string): Promise<Readonly<Record<string, string>>> {
  const cases = await readdir(join(cwd, "reports"));
  const texts = cases.map(async (name) => [
    name.replace(/^[^-]*-/, ""),
    await readFile(join(cwd, "reports", name, "evidence/01-said.stdout"), "utf8"),
  ]);
  return Object.fromEntries(await Promise.all(texts));
}

test("each host of an inventory gets a case of its own with its own inputs; the most serious exit code wins", async () => {
  const cwd = await scratch({ "a.yaml": runbook, "hosts.yaml": inventory });
  const ran = await casebook(
    ["run", "a.yaml", "--inventory", "hosts.yaml", "-i", "role=given", "--host", "two", "--host", "one"],
    { cwd },
  );
  expect(ran.code, ran.stderr).toBe(2);
  expect(await evidence(cwd)).toEqual({ "a-one": '1 ["a","b"] given\n', "a-two": "2 [] given\n" });
  expect(
    ran.stdout
      .split("\n")
      .filter((line) => line.startsWith("report:"))
      .map((line) => line.replace(/^.*-a-/, "")),
  ).toEqual(["two/report.md", "one/report.md"]);
});

test("without --host it is all of them; what it gives is above --inputs and below -i", async () => {
  const cwd = await scratch({ "a.yaml": runbook, "hosts.yaml": inventory, "in.yaml": "port: 9\nrole: file\n" });
  const env = { CASEBOOK_INPUT_ROLE: "environment" };
  await casebook(["run", "a.yaml", "--inventory", "hosts.yaml", "--inputs", "in.yaml"], { cwd, env });
  expect(await evidence(cwd)).toEqual({
    "a-one": '1 ["a","b"] 0755\n',
    "a-two": "2 [] file\n",
    "a-bare": "9 [] file\n",
  });
});

test("a host that is not in the inventory stands for itself", async () => {
  const cwd = await scratch({ "a.yaml": runbook, "hosts.yaml": inventory });
  await casebook(["run", "a.yaml", "--inventory", "hosts.yaml", "--host", "local", "--host", "one", "-i", "port=5"], {
    cwd,
  });
  expect(await evidence(cwd)).toEqual({ a: "5 [] none\n", "a-one": '5 ["a","b"] 0755\n' });
});

test("what a host lacks is told before anything runs on any", async () => {
  const cwd = await scratch({ "a.yaml": runbook, "hosts.yaml": inventory });
  const ran = await casebook(["run", "a.yaml", "--inventory", "hosts.yaml"], { cwd });
  expect(ran.code).toBe(64);
  expect(ran.stderr).toContain("bare: an input is not as it should be");
  expect(ran.stderr).toContain('input "port" is missing');
  expect(await readdir(cwd)).toEqual(["a.yaml", "hosts.yaml"]);
});

test("a URL that names no host is told with its place, before anything runs on any", async () => {
  const hosts = "hosts: { fine: local, bad: { url: 'gopher://x' } }\n";
  const cwd = await scratch({ "a.yaml": runbook, "hosts.yaml": hosts });
  const ran = await casebook(["run", "a.yaml", "--inventory", "hosts.yaml", "-i", "port=5"], { cwd });
  expect(ran).toMatchObject({ code: 64, stdout: "" });
  expect(ran.stderr).toContain("hosts.yaml: bad: expected a host such as local");
  expect(await readdir(cwd)).toEqual(["a.yaml", "hosts.yaml"]);
});

test.each([
  ["hosts: { a: { uri: local } }", 'did you mean "url"?'],
  ["hosts: { a: { inputs: { port: 1 } } }", '"url" is missing: where the host "a" is'],
  ["hosts: { a: [local] }", 'expected a URL for the host "a"'],
  ["hosts: { a: { url: local, inputs: [1] } }", "expected a map of inputs"],
  ["hosts: {}", "expected hosts, each with its URL"],
  ["host: { a: local }", 'did you mean "hosts"?'],
  ["hosts: { a: local, a: local }", "a"],
  ["", "expected a map with hosts"],
  ["hosts: { a: { url: local, inputs: { prot: 1 } } }", "a: 2 inputs are not as they should be"],
])("%s is a mistake of usage, with its place", async (text, message) => {
  const cwd = await scratch({ "a.yaml": runbook, "hosts.yaml": text });
  const ran = await casebook(["run", "a.yaml", "--inventory", "hosts.yaml"], { cwd });
  expect(ran.stderr).toContain(message);
  expect(ran.code).toBe(64);
});

test("several hosts cannot share one folder, and a permission is asked for once", async () => {
  const cwd = await scratch({
    "a.yaml": runbook.replace("on_fail: continue", "on_fail: continue, risk: perturb"),
    "hosts.yaml": inventory,
  });
  const args = ["run", "a.yaml", "--inventory", "hosts.yaml", "-i", "port=1"];
  expect((await casebook([...args, "--out", "x"], { cwd })).stderr).toContain(
    "each of 3 hosts gets a case: leave out --out",
  );
  const { code, screen } = await onTerminal(args, cwd, [['Allow "perturb" for this run?', "y"]]);
  expect(code, screen).toBe(0);
  expect(Object.keys(await evidence(cwd))).toHaveLength(3);
});
