import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, realpathSync } from "node:fs";
import { appendFile, chmod, cp, readFile, realpath, truncate, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { caseJournal } from "../support/case-journal.js";
import { casebook, cli } from "../support/casebook.js";
import { startCasebook } from "../support/running.js";
import { scratch } from "../support/scratch.js";

const runbook = "casebook: 1\ntitle: Test\nsteps: [{ id: said, run: echo hello }, { run: echo more }]\n";

/** A folder with a case in `case`. */
async function withCase(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const cwd = await scratch({ "a.yaml": runbook, ...files });
  const ran = await casebook(["run", "a.yaml", "--out", "case"], { cwd });
  expect(ran.code, ran.stderr).toBe(0);
  return cwd;
}

test("reports are rendered again from the journal, the same as before, and the manifest fits", async () => {
  const cwd = await withCase();
  const formats = ["md", "html", "json"];
  const read = () => Promise.all(formats.map((format) => readFile(join(cwd, `case/report.${format}`), "utf8")));
  const before = await read();
  for (const format of formats) await unlink(join(cwd, `case/report.${format}`));
  const ran = await casebook(["report", "case"], { cwd });
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  expect(ran.stdout).toBe("case/report.md\ncase/report.html\ncase/report.json\n");
  expect(await read()).toEqual(before);
  execFileSync("sha256sum", ["--check", "--strict", "--quiet", "manifest.sha256"], { cwd: join(cwd, "case") });
});

test("--summary prints what a run prints at its end", async () => {
  const cwd = await withCase();
  const told = await casebook(["report", "case", "--summary"], { cwd });
  expect(told).toMatchObject({ code: 0, stdout: "finished: 2 steps ok\nreport: case/report.md\n", stderr: "" });
});

test("--open hands the page to a browser", async () => {
  const cwd = await withCase({ browser: '#!/bin/sh\nprintf %s "$1" > shown\n' });
  await chmod(join(cwd, "browser"), 0o755);
  execFileSync("mkfifo", [join(cwd, "shown")]);
  const shown = readFile(join(cwd, "shown"), "utf8");
  const opened = await casebook(["report", "case", "--open"], { cwd, env: { BROWSER: "./browser" } });
  expect(opened).toMatchObject({ code: 0, stderr: "" });
  expect(await shown).toBe(join(await realpath(cwd), "case/report.html"));

  const none = await casebook(["report", "case", "--open"], { cwd, env: { BROWSER: "/nowhere/browser" } });
  expect(none.code).toBe(69);
  expect(none.stderr).toContain("/nowhere/browser cannot be started (ENOENT)");
});

test("a template replaces one format; a faulty one changes nothing", async () => {
  const cwd = await withCase({ "t.hbs": "# {{inline title}}: {{status}}\n", "faulty.hbs": "{{nothing.at.all x}}" });
  const args = ["report", "case", "--format", "md"];
  expect((await casebook([...args, "--template", "t.hbs"], { cwd })).code).toBe(0);
  expect(await readFile(join(cwd, "case/report.md"), "utf8")).toBe("# Test: finished\n");
  for (const [template, says] of [
    ["faulty.hbs", "the template cannot be used"],
    ["nowhere.hbs", "found nothing at nowhere.hbs"],
  ] as const) {
    const ran = await casebook([...args, "--template", template], { cwd });
    expect(ran.code).toBe(64);
    expect(ran.stderr).toContain(says);
  }
  expect((await casebook(["report", "case", "--template", "t.hbs"], { cwd })).code).toBe(64);
  expect((await casebook(["report", "case", "--format", "json", "--template", "t.hbs"], { cwd })).code).toBe(64);
  expect(await readFile(join(cwd, "case/report.md"), "utf8")).toBe("# Test: finished\n");
});

test("the helpers that templates are promised give nothing where there is nothing", async () => {
  const cwd = await withCase({
    "t.hbs":
      "{{title.markdown}}<{{inline question}}{{prose question}}> {{moment started_at}} {{duration milliseconds}} {{json inputs}}",
  });
  for (const format of ["md", "html"]) {
    const ran = await casebook(["report", "case", "--format", format, "--template", "t.hbs"], { cwd });
    expect(ran, ran.stderr).toMatchObject({ code: 0 });
    const page = await readFile(join(cwd, `case/report.${format}`), "utf8");
    expect(page.trim()).toMatch(/^Test<> \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \d+ ms \W*\{\}\W*$/);
  }
});

test("a journal that was cut anywhere, or that is followed by rubbish, still gives a report", async () => {
  const cwd = await withCase();
  const journal = join(cwd, "case/journal.ndjson");
  const bytes = await readFile(journal);
  for (const length of [0, 10, Math.floor(bytes.length / 3), bytes.length - 1]) {
    await writeFile(journal, bytes);
    await truncate(journal, length);
    const ran = await casebook(["report", "case"], { cwd });
    expect(ran.code, ran.stderr).toBe(0);
    expect(await readFile(join(cwd, "case/report.md"), "utf8")).toContain("incomplete");
  }
  await writeFile(journal, bytes);
  await appendFile(journal, Buffer.from([0xff, 0x00, 0x0a, 0x7b]));
  expect((await casebook(["report", "case"], { cwd })).code).toBe(0);
});

test("a journal that was altered beyond reading is told by name, not taken for a bug", async () => {
  const cwd = await withCase();
  const path = join(cwd, "case/journal.ndjson");
  const journal = await readFile(path, "utf8");
  for (const [from, to] of [
    ['"runbook":{', '"runbok":{'],
    ['"type":"step-started","step":"said"', '"type":"step-started","setp":"said"'],
    ['"evidence":{', '"evidence":7,"x":{'],
    ['"title":{', '"title":7,"x":{'],
  ] as const) {
    await writeFile(path, journal.replace(from, to));
    const ran = await casebook(["report", "case"], { cwd });
    expect([0, 1], `${from}: ${ran.stderr}`).toContain(ran.code);
    if (ran.code === 1) expect(ran.stderr).toMatch(/is not as it was written[^\n]*journal\.ndjson:\d+/);
    expect((await casebook(["verify", "case"], { cwd })).code).toBe(1);
  }
});

test("what a step had captured when casebook was killed is in the report", async () => {
  const cwd = await scratch({
    "a.yaml": `casebook: 1
title: Test
steps:
  - { id: before, run: echo done }
  - { id: many, for_each: [1], run: "echo partly; echo aside >&2; echo > written; sleep 86397" }
`,
  });
  execFileSync("mkfifo", [join(cwd, "written")]);
  const running = startCasebook(["run", "a.yaml", "--out", "case"], cwd);
  await readFile(join(cwd, "written"));
  running.child.kill("SIGKILL");
  await running.ended;
  expect((await casebook(["report", "case"], { cwd })).code).toBe(0);
  const report = await readFile(join(cwd, "case/report.md"), "utf8");
  expect(report).toContain("| Status | **incomplete** |");
  for (const [stream, text] of [
    ["stdout", "partly"],
    ["stderr", "aside"],
  ]) {
    const file = `evidence/02-many.round-1.${stream}`;
    expect(report).toContain(`[\`${file}\`](${file})`);
    expect(report).toContain(`\`\`\`text\n${text}\n\`\`\``);
  }
  expect(report.match(/captured only in part/g)).toHaveLength(2);
  expect((await casebook(["verify", "case"], { cwd })).code).toBe(0);
});

test("what was captured in a later attempt when casebook was killed belongs to the step that captured it", async () => {
  const cwd = await scratch({
    "a.yaml": `casebook: 1
title: Test
steps:
  - { id: used, use: { runbook: ./inner.yaml }, retry: { times: 2 } }
`,
    "inner.yaml": `casebook: 1
title: Inner
steps:
  - { id: said, run: "if mkdir first; then echo once; exit 1; fi; echo partly; echo > written; sleep 86397", retry: { times: 1 } }
`,
  });
  execFileSync("mkfifo", [join(cwd, "written")]);
  const running = startCasebook(["run", "a.yaml", "--out", "case"], cwd);
  await readFile(join(cwd, "written"));
  running.child.kill("SIGKILL");
  await running.ended;
  expect((await casebook(["report", "case"], { cwd })).code).toBe(0);
  const report = await readFile(join(cwd, "case/report.md"), "utf8");
  const file = "evidence/01-used.attempt-2.01-said.stdout";
  const [, ...cutOff] = report.split(/^#+ .*cut off$/m);
  expect(cutOff).toHaveLength(2);
  expect(cutOff[0]).not.toContain(file);
  expect(cutOff[1]).toContain(`**stdout**, [\`${file}\`](${file})`);
});

test("what an expectation says is told only where it is met", async () => {
  const cwd = await scratch({
    "a.yaml": `casebook: 1
title: Test
steps:
  - run: "true"
    expect:
      met: { that: result.exit_code == 0, says: It went well. }
      unmet: { that: result.exit_code == 1, says: It went badly. }
`,
  });
  expect((await casebook(["run", "a.yaml", "--out", "case"], { cwd })).code).toBe(0);
  for (const format of ["md", "html"]) {
    const report = await readFile(join(cwd, `case/report.${format}`), "utf8");
    expect(report).toContain("It went well.");
    expect(report).not.toContain("It went badly.");
  }
});

test("a step that changes something of which nothing is put back stands in the state of the host", async () => {
  const cwd = await scratch({
    "a.yaml": `casebook: 1
title: Test
steps:
  - { id: touched, title: Touch it, run: touch here, risk: perturb }
  - { id: skipped, when: false, run: touch there, risk: disrupt }
  - { id: rounds, for_each: [1, 2], run: touch here, risk: perturb }
  - { id: seen, run: ls }
  - id: program
    start: { command: [sleep, "60"] }
    during:
      - { id: posted, http: { post: "http://127.0.0.1:1/" }, on_fail: continue }
`,
  });
  expect((await casebook(["run", "a.yaml", "--out", "case", "--allow", "disrupt"], { cwd })).code).toBe(0);
  const markdown = await readFile(join(cwd, "case/report.md"), "utf8");
  const host = markdown.slice(markdown.indexOf("## State of the host"), markdown.indexOf("## Timeline"));
  expect(host.split("\n").filter((line) => line.startsWith("- "))).toEqual([
    "- [Touch it](#step-touched): `run`, perturb as declared",
    "- [rounds](#step-rounds-round-1), round 1: `run`, perturb as declared",
    "- [rounds](#step-rounds-round-2), round 2: `run`, perturb as declared",
    "- [posted](#step-posted): `http`, disrupt",
  ]);
  const html = await readFile(join(cwd, "case/report.html"), "utf8");
  expect(html).toContain('<a href="#step-posted">posted</a>: <code>http</code>, disrupt</li>');
});

test("the line to reproduce a run does so: elsewhere, with what the environment gave, and without secrets", async () => {
  const cwd = await scratch({
    "a.yaml": `casebook: 1
title: Test
inputs:
  token: { secret: true }
  word: {}
  wait: { type: duration, default: 1s }
  most: { type: size, default: 1KiB }
  words: { type: list }
steps:
  - { id: said, run: 'echo "$word $wait $most $words"; [ -n "$token" ]', save: { all: result.stdout } }
`,
  });
  const env = {
    CASEBOOK_INPUT_WORD: "it's",
    CASEBOOK_INPUT_WAIT: "250ms",
    CASEBOOK_INPUT_MOST: "2KiB",
    CASEBOOK_INPUT_WORDS: '["a b", 1]',
  };
  const args = ["run", "a.yaml", "-i", "token=s3cret-value", "--out", "case"];
  expect((await casebook(args, { cwd, env })).code).toBe(0);
  const lineOf = async (folder: string): Promise<string> => {
    const page = await readFile(join(cwd, folder, "report.md"), "utf8");
    return /```sh\n(casebook .*)\n/.exec(page.slice(page.indexOf("## Reproduce")))?.[1] ?? "";
  };
  const line = await lineOf("case");
  expect(line).not.toMatch(/token|--out/);
  const shell = ["-c", `casebook() { "$0" "$cli" "$@"; }; ${line}`, process.execPath];
  const secret = { ...process.env, cli: cli(), CASEBOOK_INPUT_TOKEN: "another-one" };
  const again = execFileSync("sh", shell, { cwd, env: secret, encoding: "utf8", stdio: "pipe" });
  const report = /^report: (.*)\/report\.md$/m.exec(again)?.[1] ?? "";
  const saved = async (folder: string) => (await caseJournal(join(cwd, folder))).finished("said").saved;
  expect(await saved(report)).toEqual(await saved("case"));
  expect(await saved("case")).toEqual({ all: 'it\'s 250 2048 ["a b",1]' });
  expect(await lineOf(report)).toBe(line);
});

test("the environment names the binary of a process that was examined, also of one that was replaced", async () => {
  const cwd = await scratch({
    "a.yaml": `casebook: 1
title: Test
steps:
  - run: cp "$(command -v sleep)" ./napper
  - id: program
    start: { command: [./napper, "60"] }
    during:
      - run: rm napper; echo another > napper
      - id: calls
        strace: { pid: "{{program.pid}}" }
        during: [{ run: "true" }]
  - id: started
    strace: { command: [cat, /dev/null], calls: [read] }
`,
  });
  const ran = await casebook(["run", "a.yaml", "--out", "case", "--allow", "perturb"], { cwd });
  expect(ran.code, ran.stderr).toBe(0);
  const page = await readFile(join(cwd, "case/report.md"), "utf8");
  const whole = (name: string) =>
    realpathSync(execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim());
  const sha256 = (name: string) =>
    createHash("sha256")
      .update(readFileSync(whole(name)))
      .digest("hex");
  const napper = join(realpathSync(cwd), "napper (deleted)");
  expect(page).toContain(`| \`${napper}\` | \`${sha256("sleep")}\` | [calls](#step-calls) |`);
  expect(page).toContain(`| \`${whole("cat")}\` | \`${sha256("cat")}\` | [started](#step-started) |`);
});

test("a case that was recorded before a field of a result was there has no gap in its place", async () => {
  const cwd = await scratch();
  await cp(fileURLToPath(new URL("../../reports/sample", import.meta.url)), join(cwd, "case"), { recursive: true });
  // The sample's results with one field less.
  const journal = join(cwd, "case/journal.ndjson");
  await writeFile(journal, (await readFile(journal, "utf8")).replace(/"from_byte":(null|\d+),?/g, ""));
  expect((await casebook(["report", "case"], { cwd })).code).toBe(0);
  for (const format of ["md", "html"]) {
    const page = await readFile(join(cwd, `case/report.${format}`), "utf8");
    expect(page.includes("byte undefined"), format).toBe(false);
  }
});
