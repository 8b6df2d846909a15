import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { cli } from "./support/casebook.js";
import { scratch } from "./support/scratch.js";
import { needs } from "./support/tools.js";

const runbook = `casebook: 1
title: Test
steps:
  - run: "true"
`;

test("checking a small runbook opens few files of the program", async (context) => {
  needs(context, "strace");
  const cwd = await scratch({ "a.yaml": runbook });
  const trace = join(cwd, "trace");
  const traced = ["-f", "-e", "trace=openat", "-o", trace];
  execFileSync("strace", [...traced, process.execPath, cli(), "check", "a.yaml"], { cwd, stdio: "ignore" });
  const opened = [...(await readFile(trace, "utf8")).matchAll(/openat\([^"]*"([^"]+\.js)".* = \d+/g)];
  const files = new Set(opened.map(([, path = ""]) => path).filter((path) => path.startsWith(dirname(cli()))));
  expect(files.size, [...files].join("\n")).toBeGreaterThan(3);
  expect(files.size, [...files].join("\n")).toBeLessThan(17);
});
