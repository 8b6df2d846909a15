import { expect, test } from "vitest";
import { casebook } from "../support/casebook.js";
import { scratch } from "../support/scratch.js";

const runbook = `casebook: 1
title: Look at {{name}}
question: What does {{name}} do?
inputs:
  name: {}
  port: { type: integer, default: 80 }
  tree: { optional: true }
  token: { secret: true }
steps:
  - id: seen
    title: Ask {{name}}
    run: [ask, "{{name}}", "--port={{port}}", "--tree={{tree}}"]
    when: port > 10
    retry: { times: 3 }
    timeout: 90s
    on_fail: continue
  - id: program
    start: { command: [sleep, "60"] }
    during:
      - run: 'kill "$port"; : "$token"'
        risk: disrupt
`;

test("a plan shows steps, commands, conditions, changes and risk; what is not known yet is marked", async () => {
  const cwd = await scratch({ "a.yaml": runbook });
  const ran = await casebook(["plan", "a.yaml"], { cwd });
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  expect(ran.stdout).toContain("Look at ‹name›");
  expect(ran.stdout).toContain("a.yaml: 3 steps on local, risk disrupt; to run it: --allow disrupt");
  expect(ran.stdout).toContain("  1  run [observe] seen – Ask ‹name›");
  expect(ran.stdout).toContain("$ ask ");
  expect(ran.stdout).toContain("--port=80");
  expect(ran.stdout).toContain("only when port > 10");
  expect(ran.stdout).toContain("at most 3 times");
  expect(ran.stdout).toContain("for at most 90 s");
  expect(ran.stdout).toContain("a failure is tolerated");
  expect(ran.stdout).toMatch(/ {2}2 {2}start \[perturb\] program/);
  expect(ran.stdout).toContain("changes: ");
  expect(ran.stdout).toContain("undone:  ");
  expect(ran.stdout).toMatch(/ {2}3 {4}run \[disrupt, as declared\] run-3/);
});

test("a command of several lines has one prompt", async () => {
  const cwd = await scratch({
    "a.yaml": 'casebook: 1\ntitle: Test\nsteps: [{ run: "cd /tmp\\nls" }, { run: [printf, "a\\n"] }]\n',
  });
  const { stdout } = await casebook(["plan", "a.yaml"], { cwd });
  expect(stdout).toContain("       $ cd /tmp\n       > ls\n");
  expect(stdout).toContain("       $ printf 'a\n       > '\n");
});

test("a number that is not known yet hides nothing else of a command", async () => {
  const cwd = await scratch({
    "a.yaml": `casebook: 1
title: Numbers come later
steps:
  - { id: seen, run: { command: "echo 5", parse: json }, save: { n: result.json } }
  - { strace: { pid: "{{n}}", calls: [read], for: "{{n}}ms" } }
  - delve: { attach: "{{n}}" }
    during:
      - debug: [break: main.main, goroutine: "{{n}}", stack: "{{n}}", goroutines: { limit: "{{n}}" }]
`,
  });
  const { stdout } = await casebook(["plan", "a.yaml"], { cwd });
  expect(stdout).toMatch(/strace -f .* -e trace=read -p ‹n›/);
  expect(stdout).toMatch(
    /break main\.main\n.*goroutine ‹n›\n.*stack ‹n›\n.*goroutines limit ‹n› {2}# looks at up to ‹n› goroutines/,
  );
});

test("given inputs stand in the plan, secrets never do", async () => {
  const cwd = await scratch({ "a.yaml": runbook, "in.yaml": "port: 8080\nname: from file\n" });
  const env = { CASEBOOK_INPUT_NAME: "from the environment", CASEBOOK_INPUT_TOKEN: "s3cr3t-s3cr3t" };
  const ran = await casebook(["plan", "a.yaml", "--inputs", "in.yaml", "-i", "tree=/src"], { cwd, env });
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  expect(ran.stdout).toContain("Look at from file");
  expect(ran.stdout).toContain("--port=8080");
  expect(ran.stdout).toContain("--tree=/src");
  expect(ran.stdout).not.toContain("s3cr3t");
});

test("inputs that are wrong are all reported", async () => {
  const cwd = await scratch({ "a.yaml": runbook });
  const ran = await casebook(["plan", "a.yaml", "-i", "port=http", "-i", "nmae=x", "-i", "token=short"], { cwd });
  expect(ran).toMatchObject({ code: 64, stdout: "" });
  expect(ran.stderr).toContain("3 inputs are not as they should be");
  expect(ran.stderr).toContain('input "port": expected an integer');
  expect(ran.stderr).toContain('unknown input "nmae"');
  expect(ran.stderr).toContain('did you mean "name"?');
  expect(ran.stderr).toContain('input "token": expected at least 6 characters');
  expect(ran.stderr).not.toContain("short");
});

test("an inputs file with mistakes is shown with its places", async () => {
  const cwd = await scratch({ "a.yaml": runbook, "in.yaml": "name: &anchor x\nname: y\n", "list.yaml": "- name\n" });
  const ran = await casebook(["plan", "a.yaml", "--inputs", "in.yaml"], { cwd });
  expect(ran.code).toBe(64);
  expect(ran.stderr).toContain("in.yaml:1:");
  expect(ran.stderr).toContain("in.yaml:2:1");
  expect((await casebook(["plan", "a.yaml", "--inputs", "list.yaml"], { cwd })).code).toBe(64);
});

test("values come from files, lists from repetition, and a malformed -i is named", async () => {
  const cwd = await scratch({
    "a.yaml":
      "casebook: 1\ntitle: '{{all}} {{text}}'\ninputs: { all: { type: list }, text: {} }\nsteps: [{ note: x }]\n",
    "value.txt": "line one\n",
  });
  const good = await casebook(["plan", "a.yaml", "-i", "all=1", "-i", "all=b=c", "-i", "text=@value.txt"], { cwd });
  expect(good.stdout.split("\n")[0]).toBe('["1","b=c"] line one');
  for (const [option, says] of [
    ["text", "expected -i name=value"],
    ["=x", "expected -i name=value"],
    ["text=@nowhere", "found nothing at nowhere"],
  ] as const) {
    const bad = await casebook(["plan", "a.yaml", "-i", option], { cwd });
    expect(bad.code).toBe(64);
    expect(bad.stderr).toContain(says);
  }
});

test("hostile texts of a runbook cannot steer the terminal", async () => {
  const cwd = await scratch({
    "a.yaml": 'casebook: 1\ntitle: "a\\x1b[2Jb\\u202ec"\nsteps: [{ run: "echo \\x1b[2J" }]\n',
  });
  const ran = await casebook(["plan", "a.yaml"], { cwd });
  expect(ran.code).toBe(0);
  for (const hidden of ["\u001b", "\u202e"]) expect(ran.stdout).not.toContain(hidden);
});

test("a field of an optional input without a value is left out of the plan, as it is of the step", async () => {
  const text = `casebook: 1
title: A
inputs: { pid: { type: integer, optional: true }, port: { type: integer } }
steps:
  - { id: first, sockets: { port: "{{port}}", pid: "{{pid}}" }, save: { later: size(result.sockets) } }
  - processes: { name: sshd, pid: "{{later}}" }
`;
  const cwd = await scratch({ "a.yaml": text });
  const without = await casebook(["plan", "a.yaml"], { cwd });
  expect(without).toMatchObject({ code: 0, stderr: "" });
  expect(without.stdout).toMatch(/where port = ‹port›$/m);
  expect(without.stdout).toMatch(/where name = sshd and pid = ‹later›$/m);
  expect((await casebook(["plan", "a.yaml", "-i", "pid=7"], { cwd })).stdout).toMatch(
    /where port = ‹port› and pid = 7$/m,
  );
});
