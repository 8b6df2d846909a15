import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inPane } from "../support/pane.js";
import { scratch } from "../support/scratch.js";

/** Each step waits for a file, so that a test decides when it goes on. */
const waitFor = (file: string): string => `while ! test -e ${file}; do sleep 0.05; done`;

const runbook = `casebook: 1
title: Live
steps:
  - id: before
    title: What is there?
    run: echo here
  - id: program
    title: A program whose title is too long for a narrow terminal 日本語日本語
    start: { command: [sh, -c, "echo up; exec sleep 86395"], ready: { log: up } }
    during:
      - id: inner
        title: Inside
        run: |
          printf 'first line\\n\\033[31mred \\033[2Jline\\033[0m\\n'
          ${waitFor("one")}
          printf '10%%\\r20%%\\rlast line\\n'
          ${waitFor("two")}
        expect: { said: 'result.stdout.contains("last")' }
`;

const args = ["run", "a.yaml", "--allow", "perturb", "--out", "case"];

test("open steps stand at the bottom with their time and their last line, and what is over scrolls away", async () => {
  const cwd = await scratch({ "a.yaml": runbook });
  const pane = await inPane(args, cwd, { columns: 40, rows: 24 });
  await pane.shows(
    /→ program: A program whose .*… \d+\.\d s\n {2}│ up\n→ {3}inner: Inside [\d.]+ m?s\n {4}│ red ␛\[2Jline$/,
  );
  const before = await pane.screen();
  expect(before).toContain("✓ before: What is there? – ok");
  expect(before).not.toContain("→ before");
  await writeFile(join(cwd, "one"), "");
  await pane.shows(/ {4}│ last line$/);
  await writeFile(join(cwd, "two"), "");
  await pane.shows("ended 0");
  const after = await pane.screen();
  expect(after).not.toMatch(/[→│]/);
  expect(after).toContain("✓     said: met\n✓   inner: Inside – ok");
});

test("rows that are drawn fit when the terminal becomes narrow, wide and low", async () => {
  const cwd = await scratch({ "a.yaml": runbook });
  const pane = await inPane(args, cwd, { columns: 100, rows: 20 });
  await pane.shows("│ red");
  for (const [columns, rows] of [
    [40, 20],
    [24, 20],
    [90, 20],
    [60, 5],
  ] as const) {
    await pane.resize(columns, rows);
    await pane.shows(columns < 90 ? /→ program: A.*… [\d.]+ s$/m : /→ program: A program whose .*日本語 [\d.]+ s$/m);
    await pane.shows(/→ {2,3}inner: [^→]*│ red ␛\[2Jline$/);
    const drawn = (await pane.screen()).split("\n").filter((line) => line.startsWith("→"));
    expect(drawn, `${columns} × ${rows}`).toHaveLength(2);
  }
  await writeFile(join(cwd, "one"), "");
  await writeFile(join(cwd, "two"), "");
  await pane.shows("ended 0");
});

test("where hardly anything fits the innermost step is drawn, and nothing of it scrolls away", async () => {
  const cwd = await scratch({ "a.yaml": runbook });
  const pane = await inPane(args, cwd, { columns: 40, rows: 3 });
  await pane.shows(/^→ {3}inner: Inside [\d.]+ m?s\n {4}│ red ␛\[2Jline$/);
  await writeFile(join(cwd, "one"), "");
  await pane.shows("│ last line");
  await writeFile(join(cwd, "two"), "");
  await pane.shows("ended 0");
  expect(await pane.screen({ history: true })).not.toMatch(/[→│]/);
});

test("Ctrl-C ends in order, and leaves the last lines and the cursor where a prompt can follow", async () => {
  const cwd = await scratch({ "a.yaml": runbook });
  const pane = await inPane(args, cwd);
  await pane.shows("│ red");
  await pane.press("C-c");
  await pane.shows("ended 130");
  const screen = await pane.screen();
  expect(screen).toMatch(/everything was put back\nreport: case\/report\.md\nended 130$/);
  expect(screen).not.toMatch(/[→│]|\^C/);
  expect(await pane.cursor()).toEqual({ shown: true, column: 0 });
});

test("a casebook that is killed leaves the cursor to be seen, below what it drew", async () => {
  const cwd = await scratch({ "a.yaml": runbook });
  const pane = await inPane(args, cwd);
  await pane.shows("│ red");
  const [started] = (await readFile(join(cwd, "case/journal.ndjson"), "utf8")).split("\n");
  process.kill(JSON.parse(started ?? "").pid, "SIGKILL");
  await pane.shows("ended 137");
  expect(await pane.screen()).toMatch(/│ red ␛\[2Jline\n[^→│]*ended 137$/);
  expect(await pane.cursor()).toEqual({ shown: true, column: 0 });
});

test("a question has the terminal for itself", async () => {
  const cwd = await scratch({
    "a.yaml": `casebook: 1
title: Asking
steps:
  - id: program
    start: { command: [sleep, "86394"] }
    during: [{ id: which, ask: { prompt: Which one?, choices: [red, green] } }, { run: '${waitFor("one")}' }]
`,
  });
  const pane = await inPane(args, cwd);
  await pane.shows("○ green");
  expect(await pane.screen()).not.toContain("→ program");
  await pane.press("Down", "Enter");
  await pane.shows("→ program");
  expect(await pane.screen()).toContain("│  green\n✓   which ok");
  await writeFile(join(cwd, "one"), "");
  await pane.shows("ended 0");
});

const plainStart = "→   inner: Inside";

test.each([
  ["without colours where NO_COLOR is set", [], { NO_COLOR: "1" }, "│ red"],
  ["plain on a terminal that cannot draw over", [], { TERM: "dumb" }, plainStart],
  ["plain there although live was asked for", ["--progress", "live"], { TERM: "dumb" }, plainStart],
  ["plain when plain was asked for", ["--progress", "plain"], {}, plainStart],
] as const)("progress is %s", async (_, more, env, shows) => {
  const cwd = await scratch({ "a.yaml": runbook });
  const pane = await inPane([...args, ...more], cwd, { env });
  await pane.shows(shows);
  await writeFile(join(cwd, "one"), "");
  await writeFile(join(cwd, "two"), "");
  await pane.shows("ended 0");
  const isPlain = shows === plainStart;
  expect((await pane.screen()).includes("→ before")).toBe(isPlain);
  if (Object.keys(env).length > 0) expect(await pane.screen({ colours: true })).not.toContain("\u001b[");
});
