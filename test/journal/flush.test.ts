import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { cli } from "../support/casebook.js";
import { scratch } from "../support/scratch.js";
import { needs } from "../support/tools.js";

const runbook = `casebook: 1
title: Test
steps:
  - run: [touch, first]
  - id: program
    start: { command: [sleep, "600"] }
    during: [{ run: [touch, second] }]
`;

/** What the kernel saw of casebook, in order: `write change-announced`, `flush`, `start touch first`. */
async function seenByKernel(trace: string): Promise<readonly string[]> {
  const seen: string[] = [];
  for (const line of (await readFile(trace, "utf8")).split("\n")) {
    const type = /write\(\d+<[^>]*journal\.ndjson>, .*?\\"type\\":\\"([a-z-]+)/.exec(line)?.[1];
    const argv = /execve\("[^"]*\/(?:touch|sleep)", \[([^\]]*)\]/.exec(line)?.[1];
    const folder = / fsync\(\d+<([^>]*)>/.exec(line)?.[1];
    if (type !== undefined) seen.push(`write ${type}`);
    else if (folder !== undefined) seen.push(`flush ${basename(folder)}/`);
    else if (/fdatasync\(\d+<[^>]*manifest/.test(line)) seen.push("flush manifest");
    else if (/rename\w*\(.*\.manifest\.sha256"/.test(line)) seen.push("rename manifest");
    else if (/fdatasync\(\d+<[^>]*journal\.ndjson>/.test(line)) seen.push("flush");
    else if (argv !== undefined) seen.push(`start ${argv.replaceAll(/[",]/g, "")}`);
  }
  return seen;
}

test("changes, their undoing and the end are on the disk before anything follows; every event is written before the next step starts", async (context) => {
  needs(context, "strace");
  const cwd = await scratch({ "a.yaml": runbook });
  const trace = join(cwd, "trace");
  const traced = ["-f", "-y", "-s", "120", "-e", "trace=execve,write,fdatasync,fsync,/^rename", "-o", trace];
  const args = ["run", "a.yaml", "--allow", "perturb", "--out", "case", "--progress", "quiet"];
  execFileSync("strace", [...traced, process.execPath, cli(), ...args], { cwd, stdio: "ignore" });
  const seen = await seenByKernel(trace);

  // The journal's name, and its folder's, before anything runs.
  const started = seen.indexOf("write run-started");
  expect(seen.slice(started + 1, started + 4)).toEqual(["flush", "flush case/", `flush ${basename(cwd)}/`]);
  expect(seen[seen.indexOf("rename manifest") - 1]).toBe("flush manifest");
  for (const type of ["change-announced", "change-undone", "run-finished"]) {
    expect(seen[seen.indexOf(`write ${type}`) + 1], type).toBe("flush");
  }
  const order = [
    "write run-started",
    "start touch first",
    "write step-finished",
    "write change-announced",
    "start sleep 600",
    "write change-undone",
  ];
  expect(order.map((what) => seen.indexOf(what))).toEqual(
    order.map((what) => seen.indexOf(what)).toSorted((a, b) => a - b),
  );
  expect(order.filter((what) => !seen.includes(what))).toEqual([]);
  expect(seen.indexOf("start touch second")).toBeGreaterThan(seen.indexOf("write step-opened"));
});
