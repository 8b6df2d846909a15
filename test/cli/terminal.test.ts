import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scratch } from "../support/scratch.js";
import { onTerminal } from "../support/terminal.js";

const runbook = `casebook: 1
title: Test
inputs:
  port: { type: integer, about: The port }
  colour: { type: choice, choices: [blue, green] }
  token: { secret: true }
steps:
  - id: said
    run: echo "$port $colour"; printf %s "$token" | wc -c
`;

const enter = "\r";
const down = "\u001b[B";

test("missing inputs are asked for, again when they are wrong, and a secret is not echoed", async () => {
  const cwd = await scratch({ "a.yaml": runbook });
  const { code, screen } = await onTerminal(["run", "a.yaml", "--out", "case"], cwd, [
    ["The port", `http${enter}`],
    ["expected an integer", `${"\u007f".repeat(4)}8080${enter}`],
    ["colour", `${down}${enter}`],
    ["token", `correct-horse${enter}`],
  ]);
  expect(code, screen).toBe(0);
  expect(screen).not.toContain("correct-horse");
  expect(await readFile(join(cwd, "case/evidence/01-said.stdout"), "utf8")).toBe("8080 green\n13\n");
});

test("leaving a question leaves everything as it is", async () => {
  const cwd = await scratch({ "a.yaml": runbook });
  const { code } = await onTerminal(["run", "a.yaml"], cwd, [["The port", "\u0003"]]);
  expect(code).toBe(130);
  expect(await readdir(cwd)).toEqual(["a.yaml"]);
});

test("--no-input asks nothing", async () => {
  const cwd = await scratch({ "a.yaml": runbook });
  const { code, screen } = await onTerminal(["run", "a.yaml", "--no-input"], cwd, []);
  expect(code).toBe(64);
  expect(screen).toContain('input "port" is missing');
});

const perturbing = `casebook: 1
title: Test
steps: [{ run: touch ran, risk: perturb }]
`;

test("what exceeds --allow is asked for; no is the answer unless one says yes", async () => {
  const cwd = await scratch({ "a.yaml": perturbing });
  const refused = await onTerminal(["run", "a.yaml"], cwd, [['Allow "perturb" for this run?', enter]]);
  expect(refused.code).toBe(77);
  expect(await readdir(cwd)).toEqual(["a.yaml"]);
  const allowed = await onTerminal(["run", "a.yaml", "--out", "case"], cwd, [['Allow "perturb" for this run?', "y"]]);
  expect(allowed.code, allowed.screen).toBe(0);
});

test("Ctrl-C on the terminal ends the run in order", async () => {
  const cwd = await scratch({ "a.yaml": "casebook: 1\ntitle: Test\nsteps: [{ id: waiting, run: sleep 86397 }]\n" });
  const { code, screen } = await onTerminal(["run", "a.yaml", "--out", "case"], cwd, [["waiting", "\u0003"]]);
  expect(code, screen).toBe(130);
  expect(await readFile(join(cwd, "case/report.md"), "utf8")).toContain("nterrupted");
});
