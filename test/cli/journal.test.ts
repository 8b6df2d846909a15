import { mkdir, readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { casebook } from "../support/casebook.js";
import { scratch } from "../support/scratch.js";

const runbook = (rest: string): string => `casebook: 1\ntitle: Test\n${rest}`;

test("the journal has each command with where it ran and what was added to its environment", async () => {
  const cwd = await realpath(
    await scratch({
      "a.yaml": runbook(`inputs: { token: { secret: true } }
steps:
  - { run: [pwd], env: { COLOUR: blue, TOKEN: "{{token}}" } }
  - { run: { command: [pwd], cwd: sub } }
`),
    }),
  );
  await mkdir(join(cwd, "sub"));
  const ran = await casebook(["run", "a.yaml", "--out", "case", "-i", "token=correct-horse"], { cwd });
  expect(ran.code, ran.stderr).toBe(0);
  const events = (await readFile(join(cwd, "case/journal.ndjson"), "utf8")).trimEnd().split("\n");
  const started = events.map((line) => JSON.parse(line)).filter(({ type }) => type === "command-started");
  expect(started).toMatchObject([
    { argv: ["pwd"], cwd, env: { COLOUR: "blue", TOKEN: "[masked:token]" }, host: "local" },
    { argv: ["pwd"], cwd: join(cwd, "sub"), env: {}, host: "local" },
  ]);
  const stdout = (name: string) => readFile(join(cwd, "case/evidence", name), "utf8");
  expect(await stdout("01-run-1.stdout")).toBe(`${cwd}\n`);
  expect(await stdout("02-run-2.stdout")).toBe(`${join(cwd, "sub")}\n`);
});

test.each([
  ["without a secret", []],
  ["with one, whose form in the output is masked", ["-i", "token=correct-horse"]],
])("the journal tells how much a command printed, %s", async (_, given) => {
  const cwd = await scratch({
    "a.yaml": runbook(`inputs: { token: { secret: true, optional: true } }
steps:
  - run: seq 1000; printf 'two\\nlines' >&2
  - run: echo correct-horse
  - { start: { command: [sleep, "60"] }, during: [{ note: x }] }
`),
  });
  const ran = await casebook(["run", "a.yaml", "--out", "case", "--allow", "perturb", ...given], { cwd });
  expect(ran.code, ran.stderr).toBe(0);
  const lines = (await readFile(join(cwd, "case/journal.ndjson"), "utf8")).trimEnd().split("\n");
  const finished = lines.map((line) => JSON.parse(line)).filter(({ type }) => type === "command-finished");
  expect(finished.slice(0, 2).map(({ bytes }) => bytes)).toEqual([
    { stdout: 3893, stderr: 9 },
    { stdout: 14, stderr: 0 },
  ]);
  // What is read into memory alone, to see whether the program has ended, is printed as well.
  expect(finished.at(-1)?.bytes.stdout).toBeGreaterThan(100);
});

test("what a retried step comes to is of its last attempt, and a replay takes what that captured", async () => {
  const text = runbook(`steps:
  - id: tried
    run: echo >> tries; head -c 100000 /dev/zero | tr '\\0' y; [ $(wc -l < tries) -ge 2 ]
    retry: { times: 3 }
    expect: { long: size(result.stdout) > 1000 }
`);
  const cwd = await scratch({ "a.yaml": text });
  const ran = await casebook(["run", "a.yaml", "--out", "case"], { cwd });
  expect(ran.code, ran.stderr).toBe(0);
  const eventsOf = async (folder: string) =>
    (await readFile(join(cwd, folder, "journal.ndjson"), "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
  const attempts = async (type: string) =>
    (await eventsOf("case")).filter((event) => event.type === type).map(({ attempt }) => attempt);
  expect(await attempts("attempt-finished")).toEqual([1, 2]);
  expect(await attempts("captured")).toEqual([1, 2, 2]);
  expect(await attempts("expectation")).toEqual([2]);
  expect(await attempts("step-finished")).toEqual([2]);

  const replayed = await casebook(["run", "a.yaml", "--replay", "case", "--out", "again"], { cwd });
  expect(replayed.code, replayed.stderr).toBe(0);
  const streams = (await eventsOf("again")).filter(({ type }) => type === "captured").map(({ stream }) => stream);
  expect(streams).toEqual(["stdout", "result.json"]);
});
