import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { casebook, type Ran, type RanCase, runText } from "../support/casebook.js";
import { buildLevels, type LevelsProgram, startLevels } from "../support/levels.js";
import { scratch } from "../support/scratch.js";
import { needs } from "../support/tools.js";

let program: LevelsProgram;

beforeAll(async () => {
  program = await buildLevels();
});

afterAll(() => program?.remove());

beforeEach((context) => needs(context, "go"));

const run = (steps: string, ...args: readonly string[]): Promise<RanCase> =>
  runText(`casebook: 1\ntitle: Levels\nsteps:\n${steps}`, ["--allow", "perturb", ...args]);

const lastLine = ({ stdout }: Ran): string => stdout.trimEnd().split("\n").at(-1) ?? "";

const get = async (url: string): Promise<string> => (await fetch(url)).text();

const restored = (ran: RanCase): Promise<Ran> => casebook(["restore", ran.folder]);

describe("an endpoint that is gone when the level is to be put back", () => {
  test("ends the run with 80, whatever else it found, and the last line is the command", async () => {
    await using server = await startLevels(program);
    const ran = await run(`
  - id: louder
    log_level: { zap: "${server.url}/zap", to: debug }
    during: [{ run: "kill -9 ${server.pid}", risk: perturb }]
    on_fail: continue
  - { id: after, run: echo went on }
verdict: [{ answer: known }]
`);
    expect(ran.code, ran.stderr).toBe(80);
    expect(lastLine(ran)).toBe("casebook restore case");
    expect(ran.stdout).toMatch(/^NOT put back: log level at .*zap from info to debug \(process \d+, which held/m);
    expect(ran.finished("louder").result).toMatchObject({ before: "info", after: null, restored: false });
    expect(ran.finished("after").outcome).toBe("ok");
    expect(ran.of("run-finished")[0]).toMatchObject({ status: "not-restored", exit_code: 80 });
    expect(ran.of("verdict")[0]).toMatchObject({ answer: "known" });
    const report = await ran.report("md");
    expect(report).toContain("could not be put back");
    expect(report).toContain("casebook restore case");
  });

  test("leaves that to `restore`, which says so until somebody answers there again", async () => {
    await using server = await startLevels(program);
    const ran = await run(`
  - id: louder
    log_level: { klog: "${server.url}", to: 6, was: 2 }
    during: [{ run: "kill -9 ${server.pid}", risk: perturb }]
`);
    expect(ran.code, ran.stderr).toBe(80);
    for (let time = 0; time < 2; time++) {
      const again = await restored(ran);
      expect(again.code, again.stdout).toBe(80);
      expect(again.stdout).toMatch(/NOT put back: process \d+, which held the level, has ended/);
      expect(lastLine(again)).toBe(`casebook restore ${ran.folder}`);
    }
    await using _fresh = await startLevels(program, server.url.replace("http://", ""));
    const done = await restored(ran);
    expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining("another process answers at") });
    expect(await restored(ran)).toMatchObject({ code: 0, stdout: "Nothing was left to put back.\n" });
    expect(await casebook(["verify", ran.folder])).toMatchObject({ code: 0 });
  });

  test("may be gone while the program lives: nothing is taken for done", async () => {
    await using server = await startLevels(program);
    const ran = await run(`
  - id: louder
    log_level: { zap: "${server.url}/zap", to: debug }
    during: [{ http: { post: "${server.url}/close" }, risk: perturb, on_fail: continue }]
`);
    expect(ran.code, ran.stderr).toBe(80);
    expect(ran.finished("louder").reason).toMatch(
      /could not be put back: .*the connection was refused.*the level may still be debug instead of info/,
    );
    expect(lastLine(ran)).toBe("casebook restore case");
  });
});

describe("a level", () => {
  test("that the program refuses fails the step, and nothing is left to put back", async () => {
    await using server = await startLevels(program);
    const ran = await run(`
  - id: louder
    log_level: { zap: "${server.url}/zap", to: deafening }
    during: [{ id: never, run: "true" }]
`);
    expect(ran.code, ran.stderr).toBe(3);
    expect(ran.finished("louder").reason).toMatch(/to take the level deafening, but it refused: status 400/);
    expect(ran.of("change-undone")[0]).toMatchObject({ how: "it was refused, so nothing was changed" });
    expect(ran.of("step-started").map(({ step }) => step)).toEqual(["louder"]);
    expect(await get(`${server.url}/zap`)).toContain("info");
  });

  test("that was not what `was` says is not touched", async () => {
    await using server = await startLevels(program);
    const ran = await run(`
  - id: louder
    log_level: { zap: "${server.url}/zap", to: debug, was: error }
    during: [{ run: "true" }]
`);
    expect(ran.code, ran.stderr).toBe(3);
    expect(ran.finished("louder").reason).toMatch(/expected the level error before, as `was` says, but .* tells info/);
    expect(ran.finished("louder").remedy).toContain("leave `was` out");
    expect(ran.of("change-announced")).toEqual([]);
    expect(await get(`${server.url}/zap`)).toContain("info");
  });

  test("that was declared is shown as declared, one that was read as read", async () => {
    await using server = await startLevels(program);
    const ran = await run(`
  - id: klog
    log_level: { klog: "${server.url}", to: 6, was: 2 }
    during:
      - id: zap
        log_level: { zap: "${server.url}/zap", to: debug }
        during: [{ http: { get: "${server.url}/work" } }]
        expect: { all: 'result.before == "info" && result.during == "debug" && result.after == "info"' }
    expect: { known: result.restored && result.how_known == "declared" }
`);
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.of("expectation").map(({ name, holds }) => [name, holds])).toEqual([
      ["all", true],
      ["known", true],
    ]);
    const report = await ran.report("md");
    expect(report).toContain("`2 (as declared)`");
    expect(await readFile(join(ran.folder, "evidence/02-zap.exchanges"), "utf8")).toContain(
      `PUT ${server.url}/zap\n{"level":"debug"}\n\n200\n{"level":"debug"}`,
    );
    expect(report).toContain("`info (read)`");
    expect(report).toMatch(/log level at .*\/zap from info to debug.*read again: info/);
    expect(await get(`${server.url}/work`)).toBe("klog6=false zap=info");
  });

  test("is put back when a step inside fails, when time is up, and in reverse order", async () => {
    await using server = await startLevels(program);
    const nested = (inner: string) => `
  - id: klog
    log_level: { klog: "${server.url}", to: 6, was: 2 }
    during:
      - id: zap
        log_level: { zap: "${server.url}/zap", to: debug }
        during: [{ id: inner, ${inner} }]
`;
    for (const [inner, code, args] of [
      ['run: "exit 9"', 3, []],
      ["run: sleep 30, timeout: 300ms", 3, []],
      ["run: sleep 30", 124, ["--timeout", "6s"]],
    ] as const) {
      const ran = await run(nested(inner), ...args);
      expect(ran.code, ran.stderr).toBe(code);
      expect(ran.of("change-undone").map(({ step, state }) => [step, state])).toEqual([
        ["zap", "undone"],
        ["klog", "undone"],
      ]);
      expect(ran.of("step-finished").map(({ step }) => step)).toEqual(["inner", "zap", "klog"]);
      expect(ran.finished("zap")).toMatchObject({ outcome: "failed", result: { after: "info", restored: true } });
      expect(await get(`${server.url}/work`)).toBe("klog6=false zap=info");
    }
  });
});

describe("a file", () => {
  const edit = (path: string, during: string) => `
  - id: louder
    log_level: { file: { path: "${path}", pattern: "^level=(.*)$" }, to: debug }
    during: [{ run: "${during}", risk: perturb }]
`;

  test("that somebody else changed meanwhile is not overwritten: 80, until a person has put it right", async () => {
    const folder = await scratch({ "app.conf": "level=info\nother=1\n" });
    const path = join(folder, "app.conf");
    const ran = await run(edit(path, `echo other=2 >>${path}`));
    expect(ran.code, ran.stderr).toBe(80);
    expect(lastLine(ran)).toBe("casebook restore case");
    expect(ran.stdout).toMatch(/NOT put back: .*changed by somebody else meanwhile.*was info, the step made it debug/);
    expect(await readFile(path, "utf8")).toBe("level=debug\nother=1\nother=2\n");

    expect(await restored(ran)).toMatchObject({ code: 80 });
    expect(await readFile(path, "utf8")).toBe("level=debug\nother=1\nother=2\n");
    await writeFile(path, "level=info\nother=1\n");
    expect(await restored(ran)).toMatchObject({ code: 0 });
    expect(await restored(ran)).toMatchObject({ code: 0, stdout: "Nothing was left to put back.\n" });
  });

  test("that was deleted meanwhile is not made anew", async () => {
    const folder = await scratch({ "app.conf": "level=info\n" });
    const path = join(folder, "app.conf");
    const ran = await run(edit(path, `rm ${path}`));
    expect(ran.code, ran.stderr).toBe(80);
    expect(ran.stdout).toContain("ENOENT");
    await expect(readFile(path)).rejects.toThrow("ENOENT");
  });
});

test("80 hides every other code: a failed step, a run out of time, an undecided question", async () => {
  const spoiled = (during: string, tail: string) => async (folder: string) =>
    await run(
      `
  - id: file
    log_level: { file: { path: "${folder}/app.conf", pattern: "^level=(.*)$" }, to: debug }
    during: [{ run: "echo changed >>${folder}/app.conf", risk: perturb }${during}]
    on_fail: continue
${tail}`,
      "--timeout",
      "6s",
    );
  for (const attempt of [
    spoiled(', { run: "exit 1" }', '  - { run: "exit 1" }\n'),
    spoiled(", { run: sleep 30 }", ""),
    spoiled("", "verdict: [{ answer: undecided }]\n"),
  ]) {
    const ran = await attempt(await scratch({ "app.conf": "level=info\n" }));
    expect(ran.code, ran.stderr).toBe(80);
    expect(lastLine(ran)).toBe("casebook restore case");
  }
});

test("what cannot be put back keeps nothing else from being put back", async () => {
  await using server = await startLevels(program);
  const folder = await scratch({ "app.conf": "level=info\n" });
  const path = join(folder, "app.conf");
  const ran = await run(`
  - id: outer
    log_level: { zap: "${server.url}/zap", to: debug }
    during:
      - id: file
        log_level: { file: { path: "${path}", pattern: "^level=(.*)$" }, to: debug }
        during:
          - id: program
            start: { command: [sleep, "60"] }
            during: [{ run: "echo changed >>${path}", risk: perturb }]
`);
  expect(ran.code, ran.stderr).toBe(80);
  expect(ran.of("change-undone").map(({ step, state }) => [step, state])).toEqual([
    ["program", "undone"],
    ["file", "cannot"],
    ["outer", "undone"],
  ]);
  expect(await get(`${server.url}/zap`)).toContain("info");
});
