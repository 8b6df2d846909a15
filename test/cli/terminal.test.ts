import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { casebook } from "../support/casebook.js";
import { marked, processesGone } from "../support/processes.js";
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

/** A program that takes its time to end: it ignores SIGTERM, and is killed after 5 s. */
const stubborn = `casebook: 1
title: Stubborn
steps:
  - id: program
    start: { command: [sh, -c, "trap '' TERM; echo up; while :; do sleep 0.1; done"], ready: { log: up } }
    during: [{ id: waiting, run: sleep 86396 }]
`;

const ctrlC = "\u0003";

test("a second Ctrl-C says what is being put back, and the run ends in order all the same", async () => {
  const cwd = await scratch({ "a.yaml": stubborn });
  const { code, screen } = await onTerminal(["run", "a.yaml", "--allow", "perturb", "--out", "case"], cwd, [
    ["waiting", ctrlC],
    ["ending: the step is stopped, changes are put back, the report is written", ctrlC],
    ["once more leaves at once", ""],
  ]);
  expect(code, screen).toBe(130);
  expect(screen).toMatch(
    /still to be put back:\s+started sh -c .* as process \d+ \(SIGTERM to its group, SIGKILL after 5 s\)/,
  );
  expect(screen).toMatch(/interrupted at step waiting; everything was put back\s+report: case\/report\.md\s*$/);
});

test("a third Ctrl-C leaves at once, with 80 and the command as the last line, which then puts back", async () => {
  const cwd = await scratch({ "a.yaml": stubborn });
  const { mark, env } = marked();
  const { code, screen } = await onTerminal(
    ["run", "a.yaml", "--allow", "perturb", "--out", "case"],
    cwd,
    [
      ["waiting", ctrlC],
      ["ending: the step is stopped", ctrlC],
      ["once more leaves at once", ctrlC],
    ],
    env,
  );
  expect(code, screen).toBe(80);
  expect(screen.trimEnd().split(/\r?\n/).at(-1)).toBe("casebook restore case");
  expect(await processesGone(mark)).toEqual([]);
  const restored = await casebook(["restore", "case"], { cwd });
  expect(restored.code, restored.stdout).toBe(0);
});
