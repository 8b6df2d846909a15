import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fromLine } from "../../../src/steps/catch/record.js";
import type { CatchResult } from "../../../src/steps/catch/spec.js";
import { casebook, runText } from "../../support/casebook.js";
import { buildGo, type GoProgram } from "../../support/go-program.js";
import { startCasebook } from "../../support/running.js";
import { scratch } from "../../support/scratch.js";
import { threadsOf } from "../../support/served-program.js";

let program: GoProgram;
beforeAll(async () => {
  program = await buildGo("calls");
});
afterAll(async () => await program[Symbol.asyncDispose]());

const text = (way: string, steps: string): string => `casebook: 1
title: Calls are caught
steps:
  - id: session
    delve: ${way}
    during:
${steps.replace(/^/gm, "      ")}
`;
const exec = (...args: readonly string[]): string => `{ exec: ${JSON.stringify([program.path, ...args])} }`;

async function mistakes(steps: string): Promise<string> {
  const cwd = await scratch({ "a.yaml": text('{ exec: ["/bin/true"] }', steps) });
  const { code, stdout } = await casebook(["check", "a.yaml"], { cwd });
  expect(code).toBe(65);
  return stdout;
}

test("until is a condition over hits, and hits have the fields that check knows", async () => {
  const ran = await runText(
    text(
      exec("many", "500"),
      `- id: steps
  catch:
    at: main.step
    read: { n: round }
    results: true
    until: 'hits.exists(h, h.values.n == 2 && h.returned != null && h.returned.r0 == 3)'
  require: [result.lost == 0, size(result.hits) == 3, 'result.ended_by == "until"']
  save: { last: "result.hits[2]" }
  expect:
    caller: last.caller.function == "main.many" && last.socket == null`,
    ),
    ["--allow", "perturb"],
  );
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.of("expectation").map(({ name, holds }) => [name, holds])).toContainEqual(["caller", true]);
  const report = await ran.report("md");
  expect(report).toMatch(/<details><summary>Stack of hits 1, 2, 3, \d+ frames<\/summary>/);
});

test("what would never end, or would let the program run twice, is refused by check", async () => {
  expect(await mistakes("- catch: { at: net.Listen }")).toContain('"during" is missing');
  expect(await mistakes('- catch: { at: net.Listen, count: 1, until: "size(hit) > 3" }')).toContain("did you mean");
  expect(await mistakes("- catch: { at: net.Listen, count: 0 }")).toContain("expected an integer of at least 1");
  const inside = await mistakes(
    "- catch: net.Listen\n  during:\n    - debug: [continue]\n    - catch: { at: a.b, count: 1 }",
  );
  expect(inside).toContain('"debug" cannot stand inside the "during" of "catch": that lets the program run meanwhile');
  expect(inside).toContain('"catch" cannot stand inside the "during" of "catch"');
});

test("a condition that cannot be evaluated fails the step, and its program can still be looked at", async () => {
  const ran = await runText(
    text(
      exec("many", "500"),
      `- id: steps
  catch: { at: main.step, read: round, until: 'hits[0].values.round.startsWith("a")' }
  on_fail: continue
- id: here
  debug: [print: round]`,
    ),
    ["--allow", "perturb"],
  );
  expect(ran.finished("steps")).toMatchObject({ outcome: "failed", reason: expect.stringMatching(/^until: /) });
  expect(ran.finished("here").result).toMatchObject({ values: { round: 0 } });
});

test("a step that times out keeps its hits and leaves the program to the next step", async () => {
  const ran = await runText(
    text(
      exec("loop"),
      `- id: steps
  catch: { at: main.step, for: 60s }
  timeout: 3s
  on_fail: continue
- id: next
  catch: { at: main.step, count: 1 }`,
    ),
    ["--allow", "perturb"],
  );
  expect(ran.finished("steps")).toMatchObject({ outcome: "failed", reason: expect.stringContaining("3 s") });
  expect(ran.of("captured").find(({ step }) => step === "steps")?.evidence.bytes).toBeGreaterThan(0);
  expect(ran.finished("next").result).toMatchObject({ count: 1, lost: 0 });
});

test("in a program that runs already calls are caught, their sockets found, and it runs on untraced", async () => {
  const child = spawn(program.path, ["loop"], { stdio: "ignore" });
  try {
    const ran = await runText(
      text(
        `{ attach: ${child.pid} }`,
        `- id: listens
  catch: { at: net.Listen, read: address, count: 5 }
- id: meanwhile
  catch: { at: net.Listen }
  during:
    - run: sleep 0.3
- id: after
  debug: [break: main.step, continue, print: round, clear]`,
      ),
      ["--allow", "disrupt"],
    );
    expect(ran.code, ran.stderr).toBe(0);
    const { hits, lost } = ran.finished("listens").result as unknown as CatchResult; // as the journal holds it
    expect({ lost, sockets: hits.filter((hit) => hit.socket !== null).length }).toEqual({ lost: 0, sockets: 5 });
    expect(ran.finished("meanwhile").result).toMatchObject({ lost: 0, ended_by: "during" });
    expect(ran.finished("after").result).toMatchObject({ values: { round: expect.any(Number) } });
    expect(ran.of("process-passed").length).toBeGreaterThan(0);
    expect(threadsOf(child.pid ?? 0).filter(({ tracer, state }) => tracer !== 0 || /[tT]/.test(state))).toEqual([]);
    expect(child.exitCode).toBeNull();
  } finally {
    child.kill();
  }
});

test("what was caught before casebook was killed is in the case, and the program is not left", async () => {
  const folder = await scratch();
  const file = join(folder, "a.yaml");
  await writeFile(file, text(exec("loop"), "- id: steps\n  catch: { at: net.Listen, for: 60s }"));
  const out = join(folder, "case");
  const running = startCasebook(["run", file, "--out", out, "--allow", "perturb"], folder);
  await running.says("stood still");
  running.child.kill("SIGKILL");
  await running.ended;
  const [name = ""] = readdirSync(join(out, "evidence")).filter((each) => each.endsWith(".hits.ndjson"));
  const lines = readFileSync(join(out, "evidence", name), "utf8")
    .split("\n")
    .slice(0, -1);
  const records = lines.map(fromLine);
  expect(records.filter((record) => record?.type === "hit").length).toBeGreaterThan(10);
  expect(records).not.toContain(null);
  const report = await casebook(["report", out]);
  expect(report.code, report.stderr).toBe(0);
});
