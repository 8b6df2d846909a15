import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Event } from "../../src/model/event.js";
import { casebook, runText } from "../support/casebook.js";
import { scratch } from "../support/scratch.js";
import { onTerminal } from "../support/terminal.js";

const runbook = `casebook: 1
title: Test
steps:
  - id: planned
    ask: { prompt: Was it planned?, choices: [planned, unplanned], default: unplanned }
  - id: why
    ask: Why?
  - run: printf %s "$why" > /dev/null
    env: { why: "{{why.answer}}" }
`;

const enter = "\r";
const ctrlC = "\u0003";

/** What the step holds for later steps, and where it came from. */
async function answersOf(folder: string): Promise<Readonly<Record<string, unknown>>> {
  const lines = (await readFile(join(folder, "journal.ndjson"), "utf8")).trim().split("\n");
  const events = lines.map((line) => JSON.parse(line) as Event);
  return Object.fromEntries(
    events.flatMap((event) =>
      event.type === "step-finished" && event.kind === "ask" ? [[event.step, event.result]] : [],
    ),
  );
}

test("a terminal asks while the run goes on, begins at the default, and what was typed is the answer", async () => {
  const cwd = await scratch({ "a.yaml": runbook });
  const { code, screen } = await onTerminal(["run", "a.yaml", "--out", "case"], cwd, [
    ["Was it planned?", `\u001b[A${enter}`],
    ["planned ok", ""],
    ["Why?", enter],
    ["expected an answer", `because${enter}`],
    ["why ok", ""],
  ]);
  expect(code, screen).toBe(0);
  expect(await answersOf(join(cwd, "case"))).toMatchObject({
    planned: { answer: "planned", source: "asked" },
    why: { answer: "because", source: "asked" },
  });
});

test("Enter alone gives the default", async () => {
  const one = `casebook: 1\ntitle: Test\nsteps: [{ id: size, ask: { prompt: How many?, default: "12" } }]\n`;
  const cwd = await scratch({ "a.yaml": one, "b.yaml": runbook });
  const text = await onTerminal(["run", "a.yaml", "--out", "a"], cwd, [["How many?", enter]]);
  expect(text.code, text.screen).toBe(0);
  expect(await answersOf(join(cwd, "a"))).toMatchObject({ size: { answer: "12", source: "asked" } });
  const choice = await onTerminal(["run", "b.yaml", "--out", "b", "--answer", "why=x"], cwd, [["planned?", enter]]);
  expect(choice.code, choice.screen).toBe(0);
  expect(await answersOf(join(cwd, "b"))).toMatchObject({ planned: { answer: "unplanned" }, why: { source: "given" } });
});

test("Ctrl-C while a question stands interrupts the run, which ends in order and gives the terminal back", async () => {
  const cwd = await scratch({
    "a.yaml": `casebook: 1
title: Test
steps:
  - id: program
    start: { command: [sleep, "86398"] }
    during: [{ id: asked, ask: Shall I?, on_fail: continue }, { id: after, run: "true" }]
`,
  });
  const { code, screen } = await onTerminal(["run", "a.yaml", "--allow", "perturb", "--out", "case"], cwd, [
    ["Shall I?", ctrlC],
    ["ending: the step is stopped, changes are put back, the report is written", ""],
    ["report: case/report.md", ""],
  ]);
  expect(code, screen).toBe(130);
  expect(screen).toContain("asked failed");
  expect(screen).not.toContain("after ok");
  expect(screen.slice(screen.lastIndexOf("\u001b[?25")), "the cursor is shown again").toMatch(/^\u001b\[\?25h/);
});

test("a question ends with the run's time and with its step's", async () => {
  const cwd = await scratch({
    "a.yaml": "casebook: 1\ntitle: Test\nsteps: [{ id: asked, ask: Shall I? }]\n",
    "b.yaml": "casebook: 1\ntitle: Test\nsteps: [{ id: asked, ask: Shall I?, timeout: 300ms, on_fail: continue }]\n",
  });
  const whole = await onTerminal(["run", "a.yaml", "--timeout", "300ms"], cwd, [["Shall I?", ""]]);
  expect(whole.code, whole.screen).toBe(124);
  const step = await onTerminal(["run", "b.yaml"], cwd, [["Shall I?", ""]]);
  expect(step.code, step.screen).toBe(0);
  expect(step.screen).toContain("timed out after 300 ms");
});

test("without a terminal the default is the answer; without one the step fails and says how to answer", async () => {
  const { code, finished } = await runText(runbook);
  expect(code).toBe(3);
  expect(finished("planned").result).toMatchObject({ answer: "unplanned", source: "default" });
  expect(finished("why")).toMatchObject({
    reason: "expected an answer to the question, but nobody can be asked here and there is no default",
    remedy: "pass --answer why=value",
  });
});

test("--no-input asks nothing on a terminal either", async () => {
  const cwd = await scratch({ "a.yaml": runbook });
  const { code, screen } = await onTerminal(["run", "a.yaml", "--no-input"], cwd, []);
  expect(code, screen).toBe(3);
  expect(screen).toContain("pass --answer why=value");
});

test("the rounds of a step take one answer together, or one each", async () => {
  const rounds = `casebook: 1
title: Test
steps:
  - id: seen
    for_each: [a, b]
    on_fail: continue
    ask: { prompt: "{{item}}?", choices: ["yes", "no"] }
`;
  const all = await runText(rounds, ["--answer", "seen=yes"]);
  expect(all.finished("seen").result).toMatchObject([{ answer: "yes" }, { answer: "yes" }]);
  const each = await runText(rounds, ["--answer", "seen=yes", "--answer", "seen=no"]);
  expect(each.finished("seen").result).toMatchObject([{ answer: "yes" }, { answer: "no" }]);
  const three = await runText(rounds.replace("[a, b]", "[a, b, c]"), ["--answer", "seen=yes", "--answer", "seen=no"]);
  expect(three.of("step-finished").map(({ reason }) => reason)[2]).toContain("the question of round 3");
});

test("a choice that is known only when the step runs is looked at then", async () => {
  const late = `casebook: 1
title: Test
steps:
  - id: names
    run: { command: echo a; echo b, parse: lines }
  - id: which
    ask: { prompt: Which?, choices: "{{names.lines}}" }
`;
  const { code, finished } = await runText(late, ["--answer", "which=c"]);
  expect(code).toBe(3);
  expect(finished("which").reason).toBe("expected one of a, b as the answer, found c");
  expect((await runText(late, ["--answer", "which=b"])).finished("which").result).toMatchObject({ answer: "b" });
});

const unnamed = `casebook: 1\ntitle: Test\nsteps: [{ ask: { prompt: A?, choices: [left, right] } }, { id: ran, run: "true" }]\n`;

test.each([
  [["--answer", "wyh=x"], runbook, 'the runbook has no such step: did you mean "why"?'],
  [["--answer", "zzzzzz=x"], runbook, "the runbook has no such step: it asks in planned, why"],
  [["--answer", "run-3=x"], runbook, "expected a step that asks, found one of kind run; it asks in planned, why"],
  [["--answer", "why"], runbook, "expected --answer id=value, found --answer why"],
  [["--answer", "why="], runbook, "expected --answer id=value, found --answer why="],
  [["--answer", "why=a", "--answer", "why=b"], runbook, "--answer why: expected one answer, since it asks once"],
  [
    ["--answer", "planned=planed"],
    runbook,
    'expected one of planned, unplanned, found "planed": did you mean "planned"?',
  ],
  [["--answer", "ask-1=lft"], unnamed, 'expected one of left, right, found "lft": did you mean "left"?'],
])("%s is a mistake of usage and nothing runs", async (args, text, message) => {
  const { code, stderr, events } = await runText(text, args);
  expect(stderr).toContain(message);
  expect(code).toBe(64);
  expect(events).toEqual([]);
});

test("plan shows what would be asked", async () => {
  const cwd = await scratch({ "a.yaml": runbook });
  const { stdout } = await casebook(["plan", "a.yaml"], { cwd });
  expect(stdout).toContain("asks: Was it planned? (planned, unplanned; default unplanned)");
  expect(stdout).toContain("asks: Why?\n");
});

test("a default that is no choice is a mistake of the runbook", async () => {
  const cwd = await scratch({
    "a.yaml": "casebook: 1\ntitle: Test\nsteps: [{ ask: { prompt: A?, choices: [left, right], default: up } }]\n",
  });
  const { code, stdout } = await casebook(["check", "a.yaml"], { cwd });
  expect(code).toBe(65);
  expect(stdout).toContain("expected one of left, right");
});
