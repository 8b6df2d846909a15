import { join } from "node:path";
import { expect } from "vitest";
import { casebook } from "./casebook.js";
import { scratch } from "./scratch.js";

/** The beginning of a runbook. */
export const head = "casebook: 1\ntitle: Mistakes\n";

/** What `check` says of each mistake: `line:column message (hint)`. */
export async function mistakesOf(text: string): Promise<readonly string[]> {
  const file = join(await scratch({ "a.yaml": text }), "a.yaml");
  const ran = await casebook(["check", file]);
  expect(ran.code).toBe(ran.stdout.includes("no mistakes") ? 0 : 65);
  return ran.stdout
    .split("\n\n")
    .filter((frame) => frame.includes(": error: "))
    .map((frame) => {
      const [, place, message] = /a\.yaml:(\d+:\d+): error: (.*) \[[a-z-]+\]$/m.exec(frame) ?? [];
      const hint = / {2}= (.*)$/m.exec(frame)?.[1];
      return `${place} ${message}${hint === undefined ? "" : ` (${hint})`}`;
    });
}

/** The same of these steps alone, the first of them on line 4. */
export const ofSteps = (steps: string) => mistakesOf(`${head}steps:\n${steps}`);
