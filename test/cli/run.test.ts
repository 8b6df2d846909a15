import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { casebook } from "../support/casebook.js";
import { startCasebook } from "../support/running.js";
import { scratch } from "../support/scratch.js";

const runbook = (rest: string): string => `casebook: 1\ntitle: Test\n${rest}`;

const asked = (answer: string): string =>
  runbook(`steps: [{ id: said, run: echo yes }]
verdict:
  - { answer: fine, when: said.stdout == "${answer}", says: "It said {{said.stdout}}.", advice: Go on. }
  - { answer: undecided, says: Nobody knows. }
`);

const lastLines = (text: string, count: number): readonly string[] => text.trimEnd().split("\n").slice(-count);

test("an answered question exits 0; the last lines are the verdict and the report's path", async () => {
  const cwd = await scratch({ "a.yaml": asked("yes") });
  const ran = await casebook(["run", "a.yaml"], { cwd });
  expect(ran.code).toBe(0);
  const [name] = await readdir(join(cwd, "reports"));
  expect(name).toMatch(/^\d{8}T\d{6}Z-a$/);
  expect(lastLines(ran.stdout, 3)).toEqual([
    "fine: It said yes.",
    "advice: Go on.",
    `report: reports/${name}/report.md`,
  ]);
  expect(ran.stderr).toContain("said");
});

test("an undecided question exits 2, a failed step 3", async () => {
  const cwd = await scratch({
    "undecided.yaml": asked("no"),
    "failed.yaml": runbook("steps: [{ id: broken, run: exit 7 }, { run: echo never }]\n"),
  });
  const undecided = await casebook(["run", "undecided.yaml", "--out", "u"], { cwd });
  expect(undecided.code).toBe(2);
  expect(undecided.stdout).toContain("undecided: Nobody knows.\n");
  const failed = await casebook(["run", "failed.yaml", "--out", "f"], { cwd });
  expect(failed.code).toBe(3);
  expect(failed.stdout).toContain("failed at step broken\n");
  expect(lastLines(failed.stdout, 1)).toEqual(["report: f/report.md"]);
});

test("the case folder is private and holds what it should", async () => {
  const cwd = await scratch({ "a.yaml": asked("yes") });
  expect((await casebook(["run", "a.yaml", "--out", "deep/case"], { cwd })).code).toBe(0);
  const folder = join(cwd, "deep/case");
  expect((await readdir(folder)).sort()).toEqual(
    ["evidence", "journal.ndjson", "manifest.sha256", "report.html", "report.json", "report.md", "runbook.yaml"].sort(),
  );
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  for (const file of ["journal.ndjson", "report.md", "manifest.sha256", "runbook.yaml"]) {
    expect((await stat(join(folder, file))).mode & 0o777, file).toBe(0o600);
  }
  expect(await readFile(join(folder, "runbook.yaml"), "utf8")).toBe(asked("yes"));
});

test("several hosts get a case each; the most serious exit code wins", async () => {
  const cwd = await scratch({ "a.yaml": runbook("steps: [{ id: said, run: echo yes }]\n") });
  const both = await casebook(["run", "a.yaml", "--host", "local", "--host", "local"], { cwd });
  expect(both.code).toBe(0);
  const names = await readdir(join(cwd, "reports"));
  expect(names).toHaveLength(2);
  expect(both.stdout).toBe(names.map((name) => `finished: 1 step ok\nreport: reports/${name}/report.md\n`).join(""));
  const one = await casebook(["run", "a.yaml", "--host", "docker://no-such-container", "--host", "local"], { cwd });
  expect(one.code).toBe(69);
  expect(one.stdout).toContain("finished: 1 step ok\n");
  const named = await casebook(["run", "a.yaml", "--host", "local", "--host", "local", "--out", "x"], { cwd });
  expect(named.code).toBe(64);
  expect(named.stderr).toContain("leave out --out");
});

test("a verdict names a value that is missing, and keeps its Markdown", async () => {
  const cwd = await scratch({
    "a.yaml": runbook(`inputs: { owner: { optional: true }, port: { type: integer, default: 80 } }
steps: [{ run: "true" }]
verdict: [{ answer: open, says: "**{{owner}}** holds \`{{port}}\`." }]
`),
  });
  const ran = await casebook(["run", "a.yaml", "--out", "case"], { cwd });
  expect(ran.code).toBe(0);
  expect(ran.stdout).toContain("open: **‹owner›** holds `80`.\n");
  expect(await readFile(join(cwd, "case/report.html"), "utf8")).toContain(
    "<strong>‹owner›</strong> holds <code>80</code>.",
  );
});

test("without a question the last lines say what became of the steps", async () => {
  const cwd = await scratch({
    "a.yaml": runbook(`steps:
  - run: "true"
  - { run: "false", on_fail: continue }
  - { run: "true", when: 1 == 2 }
  - { id: many, for_each: [1, 2, 3], run: "true" }
`),
  });
  const ran = await casebook(["run", "a.yaml", "--out", "case"], { cwd });
  expect(ran.code).toBe(0);
  expect(ran.stdout).toBe("finished: 2 steps ok, 1 skipped, 1 failed and tolerated\nreport: case/report.md\n");
});

test("--format chooses the reports, --template replaces one", async () => {
  const cwd = await scratch({
    "a.yaml": asked("yes"),
    "short.md.hbs": "{{#with verdict}}answer {{answer}}{{/with}}\n",
    "faulty.md.hbs": "{{#if",
  });
  const template = ["--template", "short.md.hbs"];
  expect((await casebook(["run", "a.yaml", "--out", "one", "--format", "md,json", ...template], { cwd })).code).toBe(0);
  expect((await readdir(join(cwd, "one"))).filter((name) => name.startsWith("report."))).toEqual([
    "report.json",
    "report.md",
  ]);
  expect(await readFile(join(cwd, "one/report.md"), "utf8")).toBe("answer fine\n");
  const faulty = await casebook(["run", "a.yaml", "--out", "two", "--template", "faulty.md.hbs"], { cwd });
  expect(faulty).toMatchObject({ code: 64, stdout: "" });
  expect(faulty.stderr).toContain("the template cannot be used");
  expect(await readdir(cwd)).not.toContain("two");
});

test("a folder that holds something is never used", async () => {
  const cwd = await scratch({ "a.yaml": asked("yes") });
  await mkdir(join(cwd, "full"));
  await writeFile(join(cwd, "full/mine"), "mine");
  const ran = await casebook(["run", "a.yaml", "--out", "full"], { cwd });
  expect(ran).toMatchObject({ code: 64, stdout: "" });
  expect(ran.stderr).toBe("casebook: --out: expected a folder that is new or empty, found files in full\n");
  expect(await readdir(join(cwd, "full"))).toEqual(["mine"]);
  for (const out of ["a.yaml", "a.yaml/case"]) {
    const onFile = await casebook(["run", "a.yaml", "--out", out], { cwd });
    expect(onFile).toMatchObject({ code: 64, stdout: "" });
    expect(onFile.stderr).toContain(`--out: expected a folder that is new or empty, found a file at or above ${out}`);
  }
});

test("an empty folder stays when nothing could run in it", async () => {
  const cwd = await scratch({ "a.yaml": "casebook: 1\ntitle: T\nsteps: [{ run: id, become: no-such-user-here }]\n" });
  await mkdir(join(cwd, "mine"));
  expect(await casebook(["run", "a.yaml", "--out", "mine"], { cwd })).toMatchObject({ code: 69 });
  expect(await readdir(join(cwd, "mine"))).toEqual([]);
  expect(await casebook(["run", "a.yaml", "--out", "fresh"], { cwd })).toMatchObject({ code: 69 });
  expect(await readdir(cwd)).toEqual(["a.yaml", "mine"]);
});

test("a case that is taken away while it is written is no bug, and everything is put back", async () => {
  const cwd = await scratch({
    "a.yaml": runbook(`steps:
  - id: program
    start: { command: [sleep, "86396"] }
    during: [{ id: waits, run: "echo > there; read -r line < go" }, { id: next, run: echo next }]
`),
  });
  execFileSync("mkfifo", [join(cwd, "there"), join(cwd, "go")]);
  const running = startCasebook(["run", "a.yaml", "--allow", "perturb", "--out", "case"], cwd);
  await readFile(join(cwd, "there"));
  await rm(join(cwd, "case"), { recursive: true });
  await writeFile(join(cwd, "go"), "go\n");
  const ended = await running.ended;
  expect(ended.code, ended.stderr).toBe(3);
  expect(ended.stderr).toContain("put back: sent SIGTERM");
  expect(ended.stderr).toMatch(
    /casebook: the case case was moved or removed while it was written; everything was put back\n$/,
  );
});

test("a mistake in an input says where it was given", async () => {
  const cwd = await scratch({
    "a.yaml": runbook("inputs: { port: { type: integer } }\nsteps: [{ run: 'true' }]\n"),
    "in.yaml": "port: many\nprot: 1\n",
  });
  const told = async (args: readonly string[]) =>
    (await casebook(["run", "a.yaml", ...args], { cwd, env: { CASEBOOK_INPUT_PORT: "few" } })).stderr;
  expect(await told([])).toContain('input "port" from CASEBOOK_INPUT_PORT: expected an integer, found "few"');
  const both = await told(["--inputs", "in.yaml"]);
  expect(both).toContain('input "port" from in.yaml: expected an integer, found "many"');
  expect(both).toContain('unknown input "prot" from in.yaml');
  expect(await told(["-i", "port=none"])).toContain('input "port": expected an integer, found "none"');
});

test("a runbook that is not valid exits 65 with frames, and leaves nothing", async () => {
  const cwd = await scratch({ "a.yaml": runbook("steps: [{ rnu: x }]\n") });
  const ran = await casebook(["run", "a.yaml"], { cwd });
  expect(ran).toMatchObject({ code: 65, stdout: "" });
  expect(ran.stderr).toContain("a.yaml:3:");
  expect(await readdir(cwd)).toEqual(["a.yaml"]);
});

test("inputs that are missing or wrong exit 64, all named, before anything runs", async () => {
  const inputs = "inputs: { port: { type: integer }, word: {}, n: { type: integer, default: 1 } }\n";
  const cwd = await scratch({ "a.yaml": runbook(`${inputs}steps: [{ run: touch ran }]\n`) });
  const ran = await casebook(["run", "a.yaml", "-i", "n=x"], { cwd });
  expect(ran.code).toBe(64);
  for (const name of ["port", "word", "n"]) expect(ran.stderr).toContain(`input "${name}"`);
  expect(await readdir(cwd)).toEqual(["a.yaml"]);
});

test("a file that holds no input, because it is not there, is named beside all else", async () => {
  const cwd = await scratch({
    "a.yaml": runbook("inputs: { a: {}, b: { type: integer }, c: {} }\nsteps: [{ note: x }]\n"),
  });
  const ran = await casebook(["run", "a.yaml", "-i", "a=@nowhere", "-i", "b=x", "-i", "d=@nowhere"], { cwd });
  expect(ran.code).toBe(64);
  for (const says of [
    'input "a": expected a file, found nothing at nowhere',
    'input "b": expected an integer',
    'input "c" is missing',
    'unknown input "d"',
    "4 inputs are not as they should be",
  ]) {
    expect(ran.stderr).toContain(says);
  }
});

test("what exceeds --allow is refused by name with 77, before anything runs", async () => {
  const steps =
    "steps: [{ run: touch ran }, { id: program, title: Start it, start: { command: [sleep, '9'] }, during: [{ note: x }] }]\n";
  const cwd = await scratch({ "a.yaml": runbook(steps) });
  const ran = await casebook(["run", "a.yaml"], { cwd });
  expect(ran).toMatchObject({ code: 77, stdout: "" });
  expect(ran.stderr).toContain("start [perturb] program – Start it");
  expect(ran.stderr).toContain("--allow perturb");
  expect(await readdir(cwd)).toEqual(["a.yaml"]);
  expect((await casebook(["run", "a.yaml", "--allow", "perturb"], { cwd })).code).toBe(0);
});

test("a host that cannot be is told before anything runs", async () => {
  const cwd = await scratch({ "a.yaml": runbook("steps: [{ run: touch ran }]\n") });
  const ran = await casebook(["run", "a.yaml", "--host", "gopher://somewhere"], { cwd });
  expect(ran.code).toBe(64);
  expect(ran.stderr).toContain("gopher");
  expect(ran.stderr).not.toContain("bug");
  expect(await readdir(cwd)).toEqual(["a.yaml"]);
});

test("--events gives every event as it is in the journal", async () => {
  const cwd = await scratch({ "a.yaml": asked("yes") });
  const toStdout = await casebook(["run", "a.yaml", "--out", "one", "--events", "-"], { cwd });
  expect(toStdout.stdout).toBe(await readFile(join(cwd, "one/journal.ndjson"), "utf8"));
  expect(toStdout.stderr).toContain("report: one/report.md");
  const toFile = await casebook(["run", "a.yaml", "--out", "two", "--events", "events"], { cwd });
  expect(await readFile(join(cwd, "events"), "utf8")).toBe(await readFile(join(cwd, "two/journal.ndjson"), "utf8"));
  expect(toFile.stdout).toContain("report: two/report.md");
  const full = await casebook(["run", "a.yaml", "--out", "three", "--events", "/dev/full"], { cwd });
  expect(full.code).toBe(0);
  expect(full.stderr).toContain("/dev/full takes no more events (ENOSPC)");
});

test("progress is one plain line for each change of state, or nothing", async () => {
  const cwd = await scratch({
    "a.yaml": runbook("steps: [{ id: hostile, run: 'printf \"\\033[2J\\007\"; exit 1' }]\n"),
  });
  const plain = await casebook(["run", "a.yaml", "--out", "one"], { cwd });
  expect(plain.stderr).toContain("hostile failed");
  for (const hidden of ["\u001b", "\u0007", "\r"]) expect(plain.stderr + plain.stdout).not.toContain(hidden);
  const quiet = await casebook(["run", "a.yaml", "--out", "two", "--progress", "quiet"], { cwd });
  expect(quiet.stderr).toBe("");
});

test("a secret is nowhere in the case, whichever way it was given", async () => {
  const secret = "correct-horse/battery staple";
  const text = runbook(
    'inputs: { token: { secret: true } }\nsteps: [{ run: \'echo "$token" | base64; echo "$token" >&2\' }]\n',
  );
  const cwd = await scratch({ "a.yaml": text, token: `${secret}\n`, "in.yaml": `token: ${secret}\n` });
  const ways: readonly (readonly [args: readonly string[], env: Record<string, string>])[] = [
    [["-i", `token=${secret}`], {}],
    [["-i", "token=@token"], {}],
    [["--inputs", "in.yaml"], {}],
    [[], { CASEBOOK_INPUT_TOKEN: secret }],
  ];
  for (const [index, [args, env]] of ways.entries()) {
    const out = `case-${index}`;
    const ran = await casebook(["run", "a.yaml", "--out", out, ...args], { cwd, env });
    expect(ran.code, ran.stderr).toBe(0);
    const files = await readdir(join(cwd, out), { recursive: true, withFileTypes: true });
    for (const file of files.filter((entry) => entry.isFile())) {
      const content = await readFile(join(file.parentPath, file.name), "utf8");
      expect(content).not.toContain(secret);
      expect(content).not.toContain(Buffer.from(secret).toString("base64").slice(0, 30));
    }
    expect(ran.stdout + ran.stderr).not.toContain(secret);
  }
});

const slow = runbook(`steps:
  - id: program
    start: { command: [sleep, "86399"] }
    during: [{ id: waiting, run: sleep 86398 }]
`);

test("a run that takes too long exits 124, with everything put back and a report", async () => {
  const cwd = await scratch({ "a.yaml": slow });
  const ran = await casebook(["run", "a.yaml", "--allow", "perturb", "--timeout", "1s", "--out", "case"], { cwd });
  expect(ran.code).toBe(124);
  expect(ran.stdout).toContain("timed out");
  expect(lastLines(ran.stdout, 2).join("\n")).toContain("report: case/report.md");
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 143],
] as const)(
  "after one %s everything is put back, the report is written, and the exit code is %i",
  async (signal, code) => {
    const cwd = await scratch({ "a.yaml": slow });
    const running = startCasebook(["run", "a.yaml", "--allow", "perturb", "--out", "case"], cwd);
    await running.says("→   waiting");
    running.child.kill(signal);
    const ran = await running.ended;
    expect(ran.code, ran.stderr).toBe(code);
    expect(ran.stderr).toContain("casebook: ending");
    expect(await readFile(join(cwd, "case/report.md"), "utf8")).toContain("nterrupted");
    const journal = await readFile(join(cwd, "case/journal.ndjson"), "utf8");
    expect(journal).toContain('"type":"change-undone"');
    expect(journal).not.toContain('"state":"cannot"');
  },
);

test("a second Ctrl-C while a step takes its time to end says that it is being stopped", async () => {
  const stubborn = "trap '' TERM; echo > there; while :; do sleep 0.1; done";
  const cwd = await scratch({ "a.yaml": runbook(`steps: [{ id: stubborn, run: ${JSON.stringify(stubborn)} }]\n`) });
  execFileSync("mkfifo", [join(cwd, "there")]);
  const running = startCasebook(["run", "a.yaml"], cwd);
  await readFile(join(cwd, "there"));
  running.child.kill("SIGINT");
  await running.says("casebook: ending");
  running.child.kill("SIGINT");
  await running.says(
    "casebook: nothing has to be put back; the step is being stopped\ncasebook: once more leaves at once",
  );
  running.child.kill("SIGINT");
  expect((await running.ended).code).toBe(130);
});

test("the second Ctrl-C says what is still to be put back, the third leaves with 80 and the command that does it", async () => {
  const stubborn = runbook(`steps:
  - id: program
    start: { command: [sh, -c, "trap '' TERM; while :; do sleep 1; done"] }
    during: [{ id: waiting, run: sleep 86398 }]
`);
  const cwd = await scratch({ "a.yaml": stubborn });
  const running = startCasebook(["run", "a.yaml", "--allow", "perturb", "--out", "case"], cwd);
  await running.says("→   waiting");
  running.child.kill("SIGINT");
  await running.says("casebook: ending");
  running.child.kill("SIGINT");
  await running.says("still to be put back");
  running.child.kill("SIGINT");
  const ran = await running.ended;
  expect(ran.code).toBe(80);
  expect(lastLines(ran.stdout, 1)).toEqual(["casebook restore case"]);
});
