import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { casebook, cli } from "../support/casebook.js";
import { marked, processesGone } from "../support/processes.js";
import { createRandom } from "../support/random.js";
import { scratch } from "../support/scratch.js";

const count = Number(process.env.CASEBOOK_KILLS ?? 6);

const runbook = `casebook: 1
title: Something is always open
steps:
  - id: program
    start: { command: [sh, -c, "echo up; sleep 60 & exec sleep 61"], ready: { log: up } }
    during:
      - id: inner
        start: { command: [sleep, "62"] }
        during:
          - { run: "sleep 0.05; echo one", retry: { times: 4, until: 'result.stdout == "never"' }, on_fail: continue }
          - { run: "sleep 0.3 & echo two" }
          - { sockets: { state: listening } }
      - { run: "head -c 3000000 /dev/zero | tr '\\\\0' x; sleep 0.2" }
  - { run: "sleep 0.2" }
`;

test(`kill -9 at ${count} random moments leaves no child and a case that renders`, {
  timeout: count * 20_000,
}, async () => {
  const { seed, next } = createRandom();
  const cwd = await scratch({ "kill.yaml": runbook });
  let within = 0;
  for (let round = 0; round < count; round++) {
    const { mark, env } = marked();
    const folder = join(cwd, `case-${round}`);
    const args = [cli(), "run", join(cwd, "kill.yaml"), "--allow", "perturb", "--out", folder, "--events", "-"];
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "ignore"],
    });
    const closed = new Promise((resolve) => child.on("close", resolve));
    // Until its first event it has started nothing.
    await once(child.stdout, "data");
    child.stdout.resume();
    const moment = Math.round(next() * 1500);
    await new Promise((resolve) => setTimeout(resolve, moment));
    child.kill("SIGKILL");
    await closed;
    const where = `seed ${seed}, round ${round}, killed ${moment} ms after its first event`;
    expect(await processesGone(mark), where).toEqual([]);
    const report = await casebook(["report", folder]);
    expect(report.code, `${where}: ${report.stderr}`).toBe(0);
    const rendered = await readFile(join(folder, "report.md"), "utf8");
    expect(rendered, where).toMatch(/incomplete|finished/i);
    if (/incomplete/i.test(rendered)) within++;
  }
  console.log(
    `${count} kills, seed ${seed}: no child left, ${count} cases render; ${within} were cut off within the run`,
  );
  expect(within).toBeGreaterThan(0);
});
