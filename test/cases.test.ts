import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import type { Event } from "../src/model/event.js";
import { caseJournal } from "./support/case-journal.js";
import { casebook } from "./support/casebook.js";
import { deadLinks } from "./support/dead-links.js";
import { normalise } from "./support/normalise.js";
import { scratch } from "./support/scratch.js";

/**
 * Each folder of `test/cases` is a test: `runbook.yaml` runs by the real command line and its report has to be `report.md`;
 * replayed from its case, it has to come to the same.
 * Beside them may stand:
 *
 * - `args`: more arguments, one a line;
 * - `exit`: the exit code that is expected, 0 if absent;
 * - `world.sh`: a shell script that is the world the runbook looks at. It runs in an empty folder, `$CASE` being its own; when its world
 *   stands it prints `ready`, and before it lines `name=value`, which become inputs. It is ended when its input ends.
 */
const cases = fileURLToPath(new URL("cases", import.meta.url));

for (const name of readdirSync(cases)) {
  test(`the case ${name} reports what it should`, async () => {
    const folder = join(cases, name);
    const place = await scratch();
    const inputs = await startWorld(folder, place);
    const out = join(place, "case");
    const args = inputs.flatMap((input) => ["-i", input]);
    const ran = await casebook(["run", "runbook.yaml", "--out", out, ...args, ...lines(join(folder, "args"))], {
      cwd: folder,
    });
    expect.soft(ran.code, ran.stderr).toBe(Number(lines(join(folder, "exit"))[0] ?? 0));
    const report = await readFile(join(out, "report.md"), "utf8");
    const events = lines(join(out, "journal.ndjson")).map((line) => JSON.parse(line) as Event);
    const chosen = inputs.map(
      (input) => [input.slice(input.indexOf("=") + 1), input.slice(0, input.indexOf("="))] as const,
    );
    const texts = new Map<string, string>([[place, "scratch"], ...chosen]);
    await expect(normalise(report, events, texts)).toMatchFileSnapshot(join(folder, "report.md"));
    expect.soft(await deadLinks(out)).toEqual([]);

    const replayed = join(place, "replayed");
    const again = await casebook(["run", "runbook.yaml", "--replay", out, "--out", replayed], { cwd: folder });
    expect.soft(again.code, again.stderr).toBe(ran.code);
    expect(judged((await caseJournal(replayed)).events)).toEqual(judged(events));
  });
}

/** What a run made of its observations, whether they were collected or taken. */
function judged(events: readonly Event[]) {
  return events.flatMap((event) => {
    if (event.type === "verdict") return [[event.answer, event.says]];
    if (event.type === "expectation") return [[event.step, event.name, event.holds, event.because]];
    if (event.type !== "step-finished") return [];
    const { step, iteration, outcome, reason, result, saved } = event;
    return [[step, iteration, outcome, reason, result, saved]];
  });
}

const lines = (path: string): readonly string[] =>
  existsSync(path)
    ? readFileSync(path, "utf8")
        .split("\n")
        .filter((line) => line !== "")
    : [];

/** Starts the world of a case, if it has one, and gives the inputs that it prints. */
async function startWorld(folder: string, scratch: string): Promise<readonly string[]> {
  const script = join(folder, "world.sh");
  if (!existsSync(script)) return [];
  const world = spawn("sh", [script], {
    cwd: scratch,
    env: { ...process.env, CASE: folder },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => world.on("close", resolve));
  onTestFinished(async () => {
    world.stdin.end();
    await ended;
  });
  const inputs: string[] = [];
  for await (const line of createInterface(world.stdout)) {
    if (line === "ready") return inputs;
    inputs.push(line);
  }
  throw new Error(`the world of ${folder} ended before it was ready`);
}
