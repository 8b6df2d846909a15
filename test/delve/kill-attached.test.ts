import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { casebook, cli } from "../support/casebook.js";
import { changedCode } from "../support/code-of.js";
import { buildGo } from "../support/go-program.js";
import { marked, processesGone } from "../support/processes.js";
import { createRandom } from "../support/random.js";
import { scratch } from "../support/scratch.js";
import { type ServedProgram, serveProgram, threadsOf } from "../support/served-program.js";

const count = Number(process.env.CASEBOOK_KILLS ?? 6);

const runbook = (pid: number): string => `casebook: 1
title: Attach, stop, collect, detach
steps:
  - delve: { attach: ${pid} }
    during:
      - debug: [break: main.routes.func1, continue, args, stack: 50]
      - debug: [continue, goroutines: { stack: 5, limit: 25 }, step_out, goroutines: { at: main.main }]
      - debug: [continue, continue, continue, locals]
`;

/** Asks it all the time, so that breakpoints are hit and somebody waits for an answer. */
function askAllTheTime(served: ServedProgram): AsyncDisposable {
  let asking = true;
  const ask = async (): Promise<void> => {
    while (asking) {
      await served.healthz(1000);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const loops = [ask(), ask()];
  return {
    async [Symbol.asyncDispose]() {
      asking = false;
      await Promise.all(loops);
    },
  };
}

/** When casebook is killed: a random time after it has said a text. */
const moments = [
  { phase: "attach", after: "changing: attached", within: 1000 },
  { phase: "stop and collect", after: "is open", within: 250 },
  { phase: "detach", after: "debug-4 ok", within: 250 },
] as const;

/** Runs casebook and kills it; false when it had ended before. */
async function killAfter(text: string, milliseconds: number, args: readonly string[], env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, [cli(), ...args], {
    env: { ...process.env, NO_COLOR: "1", ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const closed = once(child, "close");
  let said = "";
  let wait = true;
  child.stderr.setEncoding("utf8").on("data", (more: string) => {
    said += more;
    if (!wait || !said.includes(text)) return;
    wait = false;
    setTimeout(() => child.kill("SIGKILL"), milliseconds);
  });
  await closed;
  return child.signalCode === "SIGKILL";
}

async function expectFree(served: ServedProgram, context: string): Promise<void> {
  expect(served.child.exitCode ?? served.child.signalCode, `${context}\n${served.said()}`).toBeNull();
  const kept = threadsOf(served.pid).filter(({ tracer, state }) => tracer !== 0 || /[tT]/.test(state));
  expect(kept, context).toEqual([]);
  expect(await served.healthz(), context).toBe("ok");
  expect(changedCode(served.pid), context).toEqual([]);
}

test(`kill -9 of casebook at ${count} random moments leaves the program running, untraced and as it was`, {
  timeout: 60_000 + count * 20_000,
}, async () => {
  await using program = await buildGo("random-port", { name: "kubelet" });
  await using served = await serveProgram(program);
  await using _asking = askAllTheTime(served);
  const { seed, next } = createRandom();
  const folder = await scratch();
  const file = join(folder, "kill.yaml");
  await writeFile(file, runbook(served.pid));
  const whole = await casebook(["run", file, "--allow", "disrupt", "--out", join(folder, "whole")]);
  expect(whole.code, whole.stderr).toBe(0);
  await expectFree(served, "not killed");
  const phases = new Map<string, number>();
  for (let round = 0; round < count; round++) {
    const { phase, after, within } = moments[round % moments.length] ?? moments[0];
    const milliseconds = Math.round(next() * within);
    const { mark, env } = marked();
    const args = ["run", file, "--allow", "disrupt", "--out", join(folder, `case-${round}`)];
    const killed = await killAfter(after, milliseconds, args, env);
    const context = `seed ${seed}, round ${round}: killed ${milliseconds} ms after "${after}"`;
    expect(await processesGone(mark), context).toEqual([]);
    await expectFree(served, context);
    const when = killed ? phase : "too late";
    phases.set(when, (phases.get(when) ?? 0) + 1);
  }
  const seen = [...phases].map(([phase, times]) => `${phase} ${times}`).join(", ");
  console.log(`${count} kills, seed ${seed}: the program runs on (killed in: ${seen})`);
});
