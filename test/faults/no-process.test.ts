import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Event } from "../../src/model/event.js";
import { cli, runText } from "../support/casebook.js";
import { scratchSync } from "../support/scratch.js";

const head = "casebook: 1\ntitle: No process\n";

describe("a process that the kernel does not start", () => {
  test.each([
    ["a program", "start: { command: '{{words}}' }\n    during: [{ run: 'true' }]", "expected to start /bin/echo"],
    ["a command whose output passes through", "run: '{{words}}'", "expected to start /bin/echo"],
  ])("for the length of its arguments fails the step and says what to do: %s", async (_, step, reason) => {
    const words = ["/bin/echo", ...Array.from({ length: 40 }, () => "x".repeat(100_000))];
    const list = join(scratchSync(), "words.json");
    writeFileSync(list, JSON.stringify(words));
    const ran = await runText(
      `${head}inputs: { words: { type: list }, token: { secret: true } }
steps:
  - id: one
    on_fail: continue
    ${step}
  - { id: two, run: echo on }
`,
      ["-i", `words=@${list}`, "-i", "token=not-to-be-seen", "--allow", "perturb"],
    );
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.finished("one")).toMatchObject({
      outcome: "failed",
      reason: `${reason}, found more arguments and environment than the kernel takes (E2BIG)`,
      remedy: expect.stringContaining("stdin"),
    });
    expect(ran.finished("two").outcome).toBe("ok");
  });

  // Node's own threads count as well.
  const threads = Number(spawnSync(process.execPath, ["-p", "fs.readdirSync('/proc/self/task').length"]).stdout);
  const pool = 4;

  /** Runs `a.yaml` as a user of its own, who may have so many processes and threads. */
  function runLimited(folder: string, user: number, limit: number, args: readonly string[]) {
    const limited = [`--reuid=${user}`, `--regid=${user}`, "--clear-groups", "prlimit", `--nproc=${limit}`];
    return spawnSync("setpriv", [...limited, process.execPath, cli(), "run", "a.yaml", ...args], {
      cwd: folder,
      encoding: "utf8",
      timeout: 30_000,
      killSignal: "SIGKILL",
    });
  }

  test("while another takes every one is waited for, or told; no result goes to another step", {
    timeout: 60_000,
  }, () => {
    const folder = scratchSync();
    chmodSync(folder, 0o777);
    const greedy = "$end = time + 2; while (time < $end) { $pid = fork; if (defined $pid && !$pid) { sleep 2; exit } }";
    writeFileSync(
      join(folder, "a.yaml"),
      `${head}steps:
  - { id: greedy, run: "setsid perl -e '${greedy}' >greedy.log 2>&1 & sleep 0.3" }
${["one", "two", "three"].map((id) => `  - { id: ${id}, run: [echo, ${id}], on_fail: continue }\n`).join("")}`,
    );
    const { status, stderr } = runLimited(folder, 54322, threads + pool + 8, ["--out", "case"]);
    expect(stderr).not.toContain("bug in casebook");
    expect(status, stderr).toBe(0);
    const events = readFileSync(join(folder, "case/journal.ndjson"), "utf8").trim().split("\n");
    const finished = events.map((line) => JSON.parse(line) as Event).filter(({ type }) => type === "step-finished");
    expect(finished).toHaveLength(4);
    for (const event of finished.slice(1) as readonly Extract<Event, { type: "step-finished" }>[]) {
      if (event.outcome === "failed") expect(event.reason).toContain("no process left to be had");
      else expect(event.result).toMatchObject({ stdout: event.step });
    }
  });

  // Node ends or hangs where it cannot have its own threads, which differ in number: above them it is casebook that fails.
  test("for want of processes is no bug: nothing runs, or a step fails", { timeout: 60_000 }, () => {
    const folder = scratchSync();
    chmodSync(folder, 0o777);
    writeFileSync(join(folder, "a.yaml"), `${head}steps: [{ id: one, run: "true | true", on_fail: continue }]\n`);
    const ended = [0, 1, 2, 3, 4, 5].map((more) => {
      const { status, stderr } = runLimited(folder, 54321, threads + pool + more, ["--out", `case-${more}`]);
      expect(stderr).not.toContain("bug in casebook");
      if (status === 69) expect(stderr).toMatch(/no process left to be had \(EAGAIN\)|[Cc]annot fork/);
      return status;
    });
    expect(ended).toContain(69);
    expect(ended.at(-1)).toBe(0);
  });
});
