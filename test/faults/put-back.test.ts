import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { casebook, cli } from "../support/casebook.js";
import { buildLevels, type LevelsProgram, type RunningProgram, startLevels } from "../support/levels.js";
import { marked, processesGone } from "../support/processes.js";
import { createRandom } from "../support/random.js";
import { type End, runAndEnd } from "../support/run-and-end.js";
import { scratch } from "../support/scratch.js";
import { needs } from "../support/tools.js";

const count = Number(process.env.CASEBOOK_ENDS ?? 8);

let program: LevelsProgram;

beforeAll(async () => {
  program = await buildLevels();
});

afterAll(() => program?.remove());

/** Something is open nearly always: two programs, one inside the other, two levels, a tracer. */
const runbook = ({ url, pid }: RunningProgram): string => `casebook: 1
title: Everything that can be put back
steps:
  - id: program
    start: { command: [sh, -c, "echo up; sleep 60 & exec sleep 61"], ready: { log: up } }
    during:
      - id: klog
        log_level: { klog: "${url}", to: 6, was: 2 }
        during:
          - id: stubborn
            start: { command: [sh, -c, "trap 'sleep 0.2; exit' TERM; echo up; while :; do sleep 0.1; done"], ready: { log: up } }
            during:
              - id: zap
                log_level: { zap: "${url}/zap", to: debug }
                during:
                  - http: { get: "${url}/work?for=levels" }
                  - id: trace
                    strace: { pid: ${pid} }
                    during:
                      - http: { get: "${url}/work?for=tracer" }
                      - run: sleep 0.1
      - run: sleep 0.1
  - id: again
    log_level: { klog: "${url}", to: 6, was: 2 }
    during: [{ run: sleep 0.1 }]
`;

const args = (out: string): readonly string[] => ["run", "levels.yaml", "--allow", "perturb", "--out", out];

test(`after ${count} runs that INT, TERM or KILL ended at random moments, everything is put back`, {
  timeout: 60_000 + count * 20_000,
}, async (context) => {
  needs(context, "go", "strace");
  const { seed, next } = createRandom();
  await using server = await startLevels(program);
  const folder = await scratch({ "levels.yaml": runbook(server) });
  const whole = await runAndEnd(args("whole"), folder, null, {});
  expect(whole.code, whole.stderr).toBe(0);
  const ends = new Map<string, number>();
  let ended = 0;
  for (let round = 0; ended < count; round++) {
    expect(round, `seed ${seed}: most runs are over before they are ended`).toBeLessThan(2 * count + 5);
    const signal = (["INT", "TERM", "KILL"] as const)[Math.floor(next() * 3)] ?? "KILL";
    // Now and then while casebook itself begins, mostly a moment after something happened: a clock alone would miss a run that a
    // busy machine slows down, or end it when it is over.
    const after = next() < 0.1 ? 0 : 1 + Math.floor(next() * whole.lines);
    const end: End = { signal, after, delay: next() * (after === 0 ? 400 : 40) };
    const where = `seed ${seed}, round ${round}, SIG${signal} ${Math.round(end.delay)} ms after line ${after}`;
    const { mark, env } = marked();
    const ran = await runAndEnd(args(`case-${round}`), folder, end, env);
    const reached = existsSync(join(folder, `case-${round}`, "journal.ndjson"));
    if (ran.signal !== "SIGKILL" && reached)
      expect(ran.code, `${where}\n${ran.stderr}`).toBe(codeOf(signal, ran.stdout));
    if (ran.signal === "SIGKILL" && reached) await restoreWhatWasKilled(folder, `case-${round}`, next, where);
    expect(await processesGone(mark), where).toEqual([]);
    expect(await levelsOf(server), where).toBe("klog6=false zap=info");
    expect(tracersOf(server.pid), where).toEqual(["0"]);
    if (reached) {
      const verified = await casebook(["verify", `case-${round}`], { cwd: folder });
      expect(verified.code, `${where}: ${verified.stdout}`).toBe(0);
    }
    const over = reached && ran.code === 0;
    if (!over) ended++;
    const how = over ? "over before (not counted)" : `${signal}${reached ? "" : " before the case began"}`;
    ends.set(how, (ends.get(how) ?? 0) + 1);
    await rm(join(folder, `case-${round}`), { recursive: true, force: true });
  }
  const told = [...ends]
    .map(([how, times]) => `${how} ${times}`)
    .sort()
    .join(", ");
  console.log(`${ended} of ${count} ended runs put back, seed ${seed}: ${told}`);
});

/** A signal that came when every step was over changes nothing. */
function codeOf(signal: "INT" | "TERM" | "KILL", stdout: string): number {
  if (stdout.startsWith("finished: ")) return 0;
  return signal === "INT" ? 130 : 143;
}

/** Also a restore may be killed; the next one finishes. The last finds nothing left. */
async function restoreWhatWasKilled(cwd: string, name: string, next: () => number, where: string): Promise<void> {
  if (next() < 0.3) {
    const child = spawn(process.execPath, [cli(), "restore", name], { cwd, stdio: "ignore" });
    const ended = new Promise((resolve) => child.on("close", resolve));
    const timer = setTimeout(() => child.kill("SIGKILL"), Math.round(next() * 400));
    await ended;
    clearTimeout(timer);
  }
  const restored = await casebook(["restore", name], { cwd });
  expect(restored.code, `${where}\n${restored.stdout}${restored.stderr}`).toBe(0);
  const again = await casebook(["restore", name], { cwd });
  expect(again, where).toMatchObject({ code: 0, stdout: "Nothing was left to put back.\n" });
}

const levelsOf = async ({ url }: RunningProgram): Promise<string> => (await fetch(`${url}/work?for=test`)).text();

/** TracerPid of all threads, each value once. */
function tracersOf(pid: number): readonly string[] {
  const threads = readdirSync(`/proc/${pid}/task`);
  const tracers = threads.map((tid) =>
    /^TracerPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/task/${tid}/status`, "utf8")),
  );
  return [...new Set(tracers.map((found) => found?.[1] ?? "?"))];
}
