import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { casebook, runText } from "../support/casebook.js";
import { scratch } from "../support/scratch.js";

const head = "casebook: 1\ntitle: Test\n";

/** Checks `a.yaml` of these files. */
async function check(files: Readonly<Record<string, string>>, args: readonly string[] = ["a.yaml"]) {
  const cwd = await scratch();
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(cwd, name)), { recursive: true });
    await writeFile(join(cwd, name), text);
  }
  return { cwd, ...(await casebook(["check", ...args], { cwd })) };
}

const port = `${head}inputs:
  number: { type: integer, about: The port }
  name: { default: nobody }
steps:
  - id: look
    run: echo "$number $name"
    save: { said: result.stdout, at: result.started_at, half: "int(number) / 2" }
verdict:
  - { answer: odd, when: number % 2 == 1, says: "{{number}} is odd." }
`;

const using = (field: string, rest = ""): string => `${head}steps:\n  - id: s\n    use: ${field}\n${rest}`;

describe("a used runbook is checked with the one that uses it", () => {
  test("its saved values and its verdict are fields that check knows", async () => {
    const rest = `    expect:
      a: result.said != "" && result.verdict.answer == "odd"
      b: result.siad == ""
      c: result.verdict.anwser == "odd"
  - { run: [echo, "{{s.sadi}}", "{{s.verdict.says}}"] }
`;
    const { code, stdout } = await check({
      "a.yaml": using("{ runbook: b.yaml, inputs: { number: 7 } }", rest),
      "b.yaml": port,
    });
    expect(code).toBe(65);
    for (const near of ["said", "answer", "said"]) expect(stdout).toContain(`did you mean "${near}"?`);
    expect(stdout).toContain("3 mistakes in 1 of 1 file");
  });

  test("its mistakes stand in frames of its own, once however often it is used, also below others", async () => {
    const files = {
      "a.yaml": `${head}steps:\n  - use: parts/b.yaml\n  - use: ./parts/b.yaml\n  - use: parts/c.yaml\n`,
      "parts/b.yaml": `${head}steps:\n  - rnu: "true"\n`,
      "parts/c.yaml": `${head}steps:\n  - use: b.yaml\n`,
    };
    const { code, stdout } = await check(files);
    expect(code).toBe(65);
    expect(stdout).toContain('parts/b.yaml:4:5: error: unknown kind "rnu"');
    expect(stdout).toContain('4 |   - rnu: "true"');
    expect(stdout.match(/unknown kind/g)).toHaveLength(1);
    const json = await check(files, ["--json", "a.yaml"]);
    const [{ diagnostics }] = JSON.parse(json.stdout).files;
    expect(diagnostics).toMatchObject([{ file: "parts/b.yaml", line: 4, column: 5 }]);
  });

  test("a path is relative to the file that names it", async () => {
    const files = {
      "books/a.yaml": `${head}steps:\n  - use: ../parts/b.yaml\n`,
      "parts/b.yaml": `${head}steps:\n  - use: deep/c.yaml\n`,
      "parts/deep/c.yaml": `${head}steps:\n  - run: "true"\n`,
    };
    expect(await check(files, ["books/a.yaml"])).toMatchObject({ code: 0, stdout: "1 file checked, no mistakes\n" });
  });

  test.each([
    ["b.yaml", "expected a file, found nothing at b.yaml"],
    [".", "expected a file, found a folder: ."],
    ['"{{where}}"', "expected a path without a mustache"],
    ["[b.yaml]", "expected a map, found a list"],
  ])("use: %s is refused: %s", async (field, message) => {
    const { code, stdout } = await check({ "a.yaml": using(field) });
    expect(stdout).toContain(message);
    expect(stdout).toMatch(/a\.yaml:5:\d+: error/);
    expect(code).toBe(65);
  });

  test("a runbook cannot use itself, by whatever way, and the chain is shown", async () => {
    const files = {
      "a.yaml": `${head}steps:\n  - use: parts/b.yaml\n`,
      "parts/b.yaml": `${head}steps:\n  - use: ../c.yaml\n`,
      "c.yaml": `${head}steps:\n  - use: a.yaml\n`,
    };
    const { code, stdout } = await check(files);
    expect(code).toBe(65);
    expect(stdout).toContain(
      "c.yaml:4:10: error: expected a runbook that does not use itself, found a.yaml → parts/b.yaml → c.yaml → a.yaml",
    );
    const cwd = await scratch({ "a.yaml": `${head}steps:\n  - use: link.yaml\n` });
    await symlink("a.yaml", join(cwd, "link.yaml"));
    expect((await casebook(["check", "a.yaml"], { cwd })).stdout).toContain("found a.yaml → link.yaml");
  });

  test("all that is wrong with the inputs is told at once", async () => {
    const fields = '{ runbook: b.yaml, inputs: { nubmer: 1, name: "{{s.said}}", other: x } }';
    const { code, stdout } = await check({ "a.yaml": using(fields), "b.yaml": port });
    expect(code).toBe(65);
    expect(stdout).toContain('unknown input "nubmer" of b.yaml');
    expect(stdout).toContain('did you mean "number"?');
    expect(stdout).toContain('unknown input "other" of b.yaml');
    expect(stdout).toContain("its inputs: number, name");
    expect(stdout).toContain('input "number" of b.yaml is missing: expected an integer (The port)');
    expect(stdout).toContain('"s" cannot be used here');
  });

  test("a written value is held against the input's type, and a plain scalar counts as written", async () => {
    const bad = await check({ "a.yaml": using("{ runbook: b.yaml, inputs: { number: many } }"), "b.yaml": port });
    expect(bad.stdout).toContain('input "number" of b.yaml: expected an integer, found "many"');
    const good = { "a.yaml": using("{ runbook: b.yaml, inputs: { number: 7, name: 0755 } }"), "b.yaml": port };
    expect((await check(good)).code).toBe(0);
  });

  test("a secret goes into a secret and nothing else does, and what is saved of it stays one", async () => {
    const outer = (inputs: string, rest = ""): string =>
      `${head}inputs: { token: { secret: true }, plain: {} }\nsteps:\n  - { id: s, use: { runbook: b.yaml, inputs: ${inputs} } }\n${rest}`;
    const inner = (declared: string): string =>
      `${head}inputs: { key: ${declared} }\nsteps: [{ run: echo, save: { copy: key } }]\n`;
    const check2 = async (inputs: string, declared: string, rest = "") =>
      (await check({ "a.yaml": outer(inputs, rest), "b.yaml": inner(declared) })).stdout;
    expect(await check2('{ key: "{{token}}" }', "{}")).toContain("found a secret [secret-shown]");
    expect(await check2('{ key: "{{plain}}" }', "{ secret: true }")).toContain("[not-secret]");
    expect(await check2("{ key: written-out }", "{ secret: true }")).toContain("[not-secret]");
    expect(await check2('{ key: "{{token}}" }', "{ secret: true }")).toContain("no mistakes");
    expect(await check2('{ key: "{{token}}" }', "{ secret: true }", '  - run: [echo, "{{s.copy}}"]\n')).toContain(
      "[secret-in-argv]",
    );
  });

  test("what belongs to the steps of the used runbook is refused on the step that uses it", async () => {
    const rest = "    become: true\n    env: { A: b }\n    during: [{ run: x }]\n";
    const { stdout } = await check({
      "a.yaml": using("{ runbook: b.yaml, inputs: { number: 7 } }", rest),
      "b.yaml": port,
    });
    expect(stdout).toContain('"become" is the business of the runbook that "use" runs');
    expect(stdout).toContain('"env" is the business of the runbook that "use" runs');
    expect(stdout).toContain('cannot have "during"');
  });

  test("a saved value that is called like a field of every result cannot be used", async () => {
    const inner = `${head}steps: [{ run: x, save: { outcome: result.stdout } }]\n`;
    const { stdout } = await check({ "a.yaml": using("b.yaml"), "b.yaml": inner });
    expect(stdout).toContain('b.yaml saves "outcome", which every result of "use" holds already');
  });
});

const perturbing = `${head}steps:
  - id: program
    start: { command: [sleep, "86394"] }
    during: [{ id: waiting, run: sleep 86395 }]
`;

describe("a used runbook is planned with the one that uses it", () => {
  test("its steps stand inside, with the values that are known, and its risk is the step's", async () => {
    const files = {
      "a.yaml": `${head}steps:\n  - { id: s, use: { runbook: b.yaml, inputs: { number: 7 } } }\n  - { id: t, use: c.yaml }\n`,
      "b.yaml": port,
      "c.yaml": perturbing.replace("[sleep,", "[no-such-program,"),
    };
    const { cwd } = await check(files);
    const { stdout } = await casebook(["plan", "a.yaml"], { cwd });
    expect(stdout).toContain("5 steps on local, risk perturb; to run it: --allow perturb");
    expect(stdout).toMatch(/^ {2}1 {2}use \[observe\] s\n1\.1 {4}run \[observe\] s\.look$/m);
    expect(stdout).toMatch(/^ {2}2 {2}use \[perturb\] t\n2\.1 {4}start \[perturb\] t\.program$/m);
    expect(stdout).toContain("no-such-program: the program to start");
    const refused = await casebook(["run", "a.yaml"], { cwd });
    expect(refused.code).toBe(77);
    expect(refused.stderr).toContain("  line 5: use [perturb] t\n  c.yaml line 4: start [perturb] t.program");
    const doctor = await casebook(["doctor", "a.yaml"], { cwd });
    expect(doctor.stdout).toContain("no-such-program");
  });

  test("its risk cannot be lowered by the step", async () => {
    const { code, stdout } = await check({ "a.yaml": using("b.yaml", "    risk: observe\n"), "b.yaml": perturbing });
    expect(code).toBe(65);
    expect(stdout).toContain('expected a risk of at least "perturb"');
  });

  test("a tool that only a tolerated use needs keeps nothing from running", async () => {
    const files = { "b.yaml": `${head}steps: [{ strace: { command: ["true"] } }]\n` };
    const env = { PATH: "/no-such-folder" };
    const args = ["--allow", "perturb"];
    expect((await runText(using("b.yaml"), args, { files, env })).code).toBe(69);
  });
});

describe("a used runbook runs inside its step", () => {
  const inner = { "b.yaml": port };

  test("with names of its own, and gives its verdict and saved values", async () => {
    const outer = `${head}inputs: { number: { default: "11" } }
steps:
  - { id: look, run: echo outer }
  - id: s
    use: { runbook: b.yaml, inputs: { number: "{{number}}", name: "{{look.stdout}}" } }
    save: { words: result.verdict.says }
    expect:
      same: result.said == "11 outer" && result.half == 5 && result.at <= result.finished_at
      outer_stays: look.stdout == "outer"
  - { id: after, run: [echo, "{{words}}", "{{s.verdict.answer}}"] }
`;
    const ran = await runText(outer, [], { files: inner });
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.of("expectation").map(({ name, holds }) => [name, holds])).toEqual([
      ["same", true],
      ["outer_stays", true],
    ]);
    expect(ran.finished("after").result).toMatchObject({ stdout: "11 is odd. odd" });
    expect(ran.finished("s.look")).toMatchObject({ parent: ran.finished("s").span, saved: { said: "11 outer" } });
    expect(await readdir(join(ran.folder, "evidence"))).toEqual([
      "01-look.stdout",
      "02-s.01-look.stdout",
      "03-after.stdout",
    ]);
    expect(await readFile(join(ran.folder, "used/01-b.yaml"), "utf8")).toBe(port);
    expect((await casebook(["verify", ran.folder])).code).toBe(0);
  });

  test("an undecided question is an answer, and one that is not asked is null", async () => {
    const quiet = { ...inner, "c.yaml": `${head}steps: [{ run: "true" }]\n` };
    const outer = `${head}steps:
  - { id: s, use: { runbook: b.yaml, inputs: { number: 8 } }, expect: { open: result.verdict.answer == "undecided" } }
  - { id: t, use: c.yaml, expect: { none: result.verdict == null } }
`;
    const ran = await runText(outer, [], { files: quiet });
    expect(ran.code).toBe(0);
    expect(ran.of("expectation").map(({ holds }) => holds)).toEqual([true, true]);
  });

  test("what it did not come to save is unknown, what was cut stays so, and null is null", async () => {
    const files = {
      "b.yaml": `${head}steps:
  - { when: "false", run: echo 3, save: { never: "int(result.stdout)" } }
  - { run: head -c 3000000 /dev/zero | tr "\\\\0" x, save: { long: result.stdout, none: result.signal } }
`,
    };
    const outer = `${head}steps:
  - id: s
    use: b.yaml
    expect:
      never: result.never != 3
      long: size(result.long) > 2
      none: result.none == null
  - { id: t, when: s.never != 3, run: "true" }
`;
    const ran = await runText(outer, [], { files });
    expect(ran.of("expectation").map(({ name, holds }) => [name, holds])).toEqual([
      ["never", null],
      ["long", null],
      ["none", true],
    ]);
    expect(ran.finished("t").outcome).toBe("skipped");
  });

  test("its failure fails the step, which may be tolerated; then all that it would have saved is null", async () => {
    const files = {
      "b.yaml": `${head}steps: [{ id: bad, run: exit 4, save: { x: result.stdout } }, { id: after, run: "true" }]\n`,
    };
    const stopped = await runText(using("b.yaml"), [], { files });
    expect(stopped.code).toBe(3);
    expect(stopped.finished("s").reason).toMatch(/^s\.bad failed: .*4/);
    expect(stopped.stdout).toContain("s.bad");
    const tolerated = `${using("b.yaml", "    on_fail: continue\n")}  - { id: t, run: "true", expect: { no: s.x == null, failed: 's.outcome == "failed"' } }\n`;
    const ran = await runText(tolerated, [], { files });
    expect(ran.code).toBe(0);
    expect(ran.of("expectation").map(({ holds }) => holds)).toEqual([true, true]);
    expect(await ran.report("md")).toContain("○ not reached");
  });

  test("a value that does not fit its input fails the step before anything of it runs", async () => {
    const outer = `${head}steps:
  - { id: word, run: echo many }
  - { id: s, use: { runbook: b.yaml, inputs: { number: "{{word.stdout}}" } } }
`;
    const ran = await runText(outer, [], { files: inner });
    expect(ran.finished("s").reason).toBe('input "number": expected an integer, found "many"');
    expect(ran.of("step-started").map(({ step }) => step)).toEqual(["word", "s"]);
  });

  test("the step's timeout spans it, and what it changed is put back", async () => {
    const ran = await runText(using("b.yaml", "    timeout: 500ms\n"), ["--allow", "perturb"], {
      files: { "b.yaml": perturbing },
    });
    expect(ran.code).toBe(3);
    expect(ran.finished("s").reason).toBe("timed out after 500 ms");
    expect(ran.of("change-undone")).toMatchObject([{ step: "s.program", state: "undone" }]);
  });

  test("a secret that is given to it is masked in it", async () => {
    const files = {
      "b.yaml": `${head}inputs: { key: { secret: true } }\nsteps: [{ id: say, run: 'echo "it is $key"' }]\n`,
    };
    const outer = `${head}inputs: { token: { secret: true } }\nsteps:\n  - { id: s, use: { runbook: b.yaml, inputs: { key: "{{token}}" } } }\n`;
    const ran = await runText(outer, ["-i", "token=correct-horse"], { files });
    expect(ran.finished("s.say").result).toMatchObject({ stdout: "it is [masked:token]" });
    expect(JSON.stringify(ran.events.slice(1))).not.toContain("correct-horse");
  });

  test("in each round, with evidence of its own", async () => {
    const outer = `${head}steps:
  - { id: s, for_each: [1, 3], use: { runbook: b.yaml, inputs: { number: "{{item}}" } } }
  - { id: t, run: "true", expect: { all: 's.all(r, r.verdict.answer == "odd") && s[1].said == "3 nobody"' } }
`;
    const ran = await runText(outer, [], { files: inner });
    expect(ran.of("expectation")[0]).toMatchObject({ holds: true });
    expect(await readdir(join(ran.folder, "evidence"))).toEqual([
      "01-s.round-1.01-look.stdout",
      "01-s.round-2.01-look.stdout",
    ]);
  });

  test("a log of a program is that of its own, not of one of the same name around it", async () => {
    const files = {
      "b.yaml": `${head}steps:
  - id: program
    start: { command: [sh, -c, "echo inner; sleep 60"], ready: { log: inner } }
    during: [{ run: "true" }]
  - { id: lines, on_fail: continue, log: { of: program } }
`,
    };
    const outer = `${head}steps:
  - id: program
    start: { command: [sh, -c, "echo outer; sleep 60"], ready: { log: outer } }
    during: [{ id: s, use: b.yaml }]
`;
    const cwd = await scratch({ ...files, "a.yaml": outer });
    const ran = await casebook(["check", "a.yaml"], { cwd });
    expect(ran.code).toBe(65);
    expect(ran.stdout).toContain('expected the id of a "start" step around this one, found "program"');
  });

  test("its questions are answered by their full name", async () => {
    const files = { "b.yaml": `${head}steps: [{ id: who, ask: Who?, save: { said: result.answer } }]\n` };
    const ran = await runText(using("b.yaml"), ["--answer", "s.who=me"], { files });
    expect(ran.finished("s").result).toMatchObject({ said: "me" });
    const wrong = await runText(using("b.yaml"), ["--answer", "s.wo=me"], { files });
    expect(wrong.stderr).toContain('did you mean "s.who"?');
  });

  test("names of files stay short enough, however long those of the steps are", async () => {
    const long = (letter: string): string => letter.repeat(120);
    const files = {
      "b.yaml": `${head}steps: [{ id: ${long("b")}, use: c.yaml }]\n`,
      "c.yaml": `${head}steps: [{ id: ${long("c")}, run: echo c }, { id: ${long("c")}d, run: echo d }]\n`,
    };
    const ran = await runText(
      `${head}steps: [{ id: ${long("a")}, use: b.yaml }, { id: ${long("a")}b, use: b.yaml }]\n`,
      [],
      { files },
    );
    expect(ran.code, ran.stderr).toBe(0);
    const names = await readdir(join(ran.folder, "evidence"));
    expect(names).toHaveLength(4);
    for (const name of names) expect(name.length).toBeLessThan(220);
  });

  test("a replay takes what its steps observed, and judges it anew", async () => {
    const field = "{ runbook: b.yaml, inputs: { number: 7 } }";
    const cwd = await scratch({ "a.yaml": using(field), "b.yaml": port });
    expect((await casebook(["run", "a.yaml", "--out", "then"], { cwd })).code).toBe(0);
    await writeFile(join(cwd, "b.yaml"), port.replace("answer: odd", "answer: uneven"));
    const ran = await casebook(["run", "a.yaml", "--replay", "then", "--out", "now"], { cwd });
    expect(ran.code, ran.stderr).toBe(0);
    expect(await readFile(join(cwd, "now/report.md"), "utf8")).toContain("- Answer: `uneven`");
    expect(await readFile(join(cwd, "now/evidence/01-s.01-look.stdout"), "utf8")).toBe("7 nobody\n");
    // A step of the same name that is not in the used runbook is another.
    await writeFile(
      join(cwd, "a.yaml"),
      `${head}steps: [{ id: look, run: 'echo "$number $name"' }]\n`.replace("$number $name", "7 nobody"),
    );
    const strange = await casebook(["run", "a.yaml", "--replay", "then", "--out", "strange"], { cwd });
    expect(strange.stderr).toContain("not recorded: the step is not there");
  });

  test("a rerun takes it from the case as a whole, from the texts that the case keeps, or runs it again", async () => {
    const outer = `${head}steps:
  - { id: s, use: { runbook: b.yaml, inputs: { number: 7 } } }
  - { id: look, run: 'echo "again $said"', env: { said: "{{s.said}}" } }
`;
    const cwd = await scratch({ "a.yaml": outer, "b.yaml": port });
    expect((await casebook(["run", "a.yaml", "--out", "then"], { cwd })).code).toBe(0);
    await rm(join(cwd, "b.yaml"));
    const second = await casebook(["rerun", "then", "--from", "look", "--out", "second"], { cwd });
    expect(second.code, second.stderr).toBe(0);
    const commands = async (name: string): Promise<readonly string[]> =>
      (await readFile(join(cwd, name, "journal.ndjson"), "utf8"))
        .split("\n")
        .flatMap((line) => (line.includes('"type":"command-started"') ? [JSON.parse(line).step] : []));
    expect(await commands("second")).toEqual(["look"]);
    const whole = await casebook(["rerun", "then", "--only", "s", "--out", "whole"], { cwd });
    expect(whole.code, whole.stderr).toBe(0);
    expect(await commands("whole")).toEqual(["s.look"]);
  });
});
