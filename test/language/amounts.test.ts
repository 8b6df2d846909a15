import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { casebook, runText } from "../support/casebook.js";
import { scratchSync } from "../support/scratch.js";

const inputs = `casebook: 1
title: Amounts
inputs:
  patience: { type: duration, default: 200ms }
  words: { default: 0.2s }
  times: { type: integer, default: 3 }
  nothing: { type: duration, optional: true }
`;

describe("a timeout and a retry", () => {
  test("take a value, of a duration, an integer or a text", async () => {
    const ran = await runText(`${inputs}steps:
  - { id: one, run: sleep 9, timeout: "{{patience}}", on_fail: continue }
  - { id: two, run: sleep 9, timeout: "{{words}}", on_fail: continue }
  - { id: three, run: "false", retry: { times: "{{times}}", every: "{{patience}}" }, on_fail: continue }
  - { id: four, for_each: [100ms, 150ms], run: sleep 9, timeout: "{{item}}", on_fail: continue }
`);
    expect(ran.code).toBe(0);
    expect(ran.finished("one").reason).toBe("timed out after 200 ms");
    expect(ran.finished("two").reason).toBe("timed out after 200 ms");
    expect(ran.finished("three").reason).toContain("after 3 attempts");
    expect(ran.finished("three").milliseconds).toBeGreaterThanOrEqual(400);
    expect(ran.finished("four").reason).toContain("timed out after 150 ms");
  });

  test("count as not written where the value is null: the default holds", async () => {
    const ran = await runText(`${inputs}defaults: { timeout: "{{patience}}" }
steps: [{ id: one, run: sleep 9, timeout: "{{nothing}}" }]
`);
    expect(ran.code).toBe(3);
    expect(ran.finished("one").reason).toBe("timed out after 200 ms");
  });

  test("that no value fits fail the step before it runs", async () => {
    const ran = await runText(
      `${inputs}steps:
  - { id: one, run: "true", timeout: "{{words}}", on_fail: continue }
  - { id: two, run: "true", retry: { times: "{{times}}" } }
`,
      ["-i", "words=soon", "-i", "times=0"],
    );
    expect(ran.code).toBe(3);
    expect(ran.finished("one").reason).toBe(
      'timeout: expected a duration such as 250ms, 30s or 5m, at most 24d, found "soon"',
    );
    expect(ran.finished("two").reason).toBe("retry times: expected how many attempts, at least 1, found 0");
    expect(ran.of("command-started")).toEqual([]);
  });

  test("are shown by plan as far as values are known", async () => {
    const file = join(scratchSync(), "a.yaml");
    writeFileSync(
      file,
      `${inputs}steps: [{ run: x, timeout: "{{patience}}", retry: { times: "{{times}}" } }, { run: x, timeout: 1m }]\n`,
    );
    const ran = await casebook(["plan", file]);
    expect(ran.stdout).toMatch(/at most 3 times\s+for at most 0\.2 s/);
    expect(ran.stdout).toMatch(/for at most 60 s/);
  });

  test("of the wrong type, or of a name that does not exist, are mistakes", async () => {
    const file = join(scratchSync(), "a.yaml");
    writeFileSync(
      file,
      `${inputs}steps:
  - { run: x, timeout: "{{patienc}}" }
  - { id: a, run: x, timeout: "{{a.lines}}" }
  - { run: x, timeout: "{{a.lines}}", retry: { times: 0, every: 5 } }
`,
    );
    const { stdout, code } = await casebook(["check", file]);
    expect(code).toBe(65);
    expect(stdout).toMatch(/did you mean "patience"/);
    expect(stdout).toMatch(/expected a duration.*, which is of type list/);
    expect(stdout).toMatch(/"times": expected at least 1, found 0/);
    expect(stdout).toMatch(/"every": expected a duration such as .*, found "5"/);
  });

  test("until may read when an attempt began and how long it took", async () => {
    const ran = await runText(`${inputs}steps:
  - id: one
    run: sleep 0.1
    retry: { times: 1, until: result.milliseconds >= 100 && result.finished_at > result.started_at }
`);
    expect(ran.code).toBe(0);
  });
});
