import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cli } from "../support/casebook.js";
import { buildGo } from "../support/go-program.js";
import { freePorts } from "../support/ports.js";
import { marked, processesGone } from "../support/processes.js";
import { createRandom } from "../support/random.js";
import { scratch } from "../support/scratch.js";

const count = Number(process.env.CASEBOOK_KILLS ?? 5);

const runbook = (exec: readonly string[]): string => `casebook: 1
title: A program is under the debugger all the time
steps:
  - delve: { exec: ${JSON.stringify(exec)} }
    during:
      - debug: [break: net.Listen, continue, goroutines: { at: net.Listen, stack: 5 }]
      - debug: [step_out, clear]
      - { debug: [continue], timeout: 2s, on_fail: continue }
`;

test(`kill -9 of casebook at ${count} random moments leaves neither debugger nor program`, {
  timeout: count * 20_000,
}, async () => {
  await using program = await buildGo("random-port", { name: "kubelet" });
  const { seed, next } = createRandom();
  const folder = await scratch();
  const [port, readOnly] = await freePorts(2);
  const file = join(folder, "kill.yaml");
  await writeFile(file, runbook([program.path, `-port=${port}`, `-read-only-port=${readOnly}`]));
  for (let round = 0; round < count; round++) {
    const { mark, env } = marked();
    const args = [cli(), "run", file, "--allow", "perturb", "--out", join(folder, `case-${round}`)];
    const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: "ignore" });
    const closed = new Promise((resolve) => child.on("close", resolve));
    const moment = Math.round(200 + next() * 2300);
    await new Promise((resolve) => setTimeout(resolve, moment));
    child.kill("SIGKILL");
    await closed;
    expect(await processesGone(mark), `seed ${seed}, round ${round}, killed after ${moment} ms`).toEqual([]);
  }
  console.log(`${count} kills, seed ${seed}: no debugger and no program left`);
});
