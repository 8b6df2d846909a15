import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runText } from "../support/casebook.js";
import { marked, processesGone } from "../support/processes.js";
import { scratch } from "../support/scratch.js";

/** A level in a file; setting it back to `info` never ends where `hangs`. */
const level = (file: string, hangs: boolean): string =>
  `{ command: { get: cat ${file}, set: 'echo "$level" >${file}; ${hangs ? '[ "$level" = debug ] || sleep 500' : ":"}' }, to: debug }`;

test("an undoing that hangs is given up after its deadline, and the next one has its own", async () => {
  const folder = await scratch({ outer: "info\n", inner: "info\n" });
  const { mark, env } = marked();
  const ran = await runText(
    `casebook: 1
title: Hanging
steps:
  - id: outer
    log_level: ${level(join(folder, "outer"), false)}
    during:
      - id: hangs
        log_level: ${level(join(folder, "inner"), true)}
        during: [{ run: "true" }]
`,
    ["--allow", "perturb"],
    { env },
  );
  expect(ran.code, ran.stderr).toBe(80);
  expect(ran.of("change-undone")).toMatchObject([
    { step: "hangs", state: "cannot", how: "not within 30 s" },
    { step: "outer", state: "undone" },
  ]);
  expect(ran.stdout.trimEnd().split("\n").at(-1)).toBe("casebook restore case");
  expect(await readFile(join(folder, "outer"), "utf8")).toBe("info\n");
  expect(await processesGone(mark)).toEqual([]);
});
