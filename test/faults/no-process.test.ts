import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cli, runText } from "../support/casebook.js";

const head = "casebook: 1\ntitle: No process\n";

describe("a process that the kernel does not start", () => {
  test.each([
    ["a program", "start: { command: '{{words}}' }\n    during: [{ run: 'true' }]", "expected to start /bin/echo"],
    ["a command whose output passes through", "run: '{{words}}'", "expected to start /bin/echo"],
  ])("for the length of its arguments fails the step and says what to do: %s", async (_, step, reason) => {
    const words = ["/bin/echo", ...Array.from({ length: 40 }, () => "x".repeat(100_000))];
    const list = join(mkdtempSync(join(tmpdir(), "casebook-words-")), "words.json");
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

  // Node ends or hangs where it cannot have its own threads, which differ in number: above them it is casebook that fails.
  test("for want of processes is no bug: nothing runs, or a step fails", { timeout: 60_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), "casebook-processes-"));
    chmodSync(folder, 0o777);
    writeFileSync(join(folder, "a.yaml"), `${head}steps: [{ id: one, run: "true | true", on_fail: continue }]\n`);
    const threads = Number(spawnSync(process.execPath, ["-p", "fs.readdirSync('/proc/self/task').length"]).stdout);
    const pool = 4;
    const ended = [0, 1, 2, 3, 4, 5].map((more) => {
      const limit = ["--reuid=54321", "--regid=54321", "--clear-groups", "prlimit", `--nproc=${threads + pool + more}`];
      const { status, stderr } = spawnSync(
        "setpriv",
        [...limit, process.execPath, cli(), "run", "a.yaml", "--out", `case-${more}`],
        { cwd: folder, encoding: "utf8", timeout: 5000, killSignal: "SIGKILL" },
      );
      expect(stderr).not.toContain("bug in casebook");
      if (status === 69) expect(stderr).toMatch(/no process left to be had \(EAGAIN\)|[Cc]annot fork/);
      return status;
    });
    expect(ended).toContain(69);
    expect(ended.at(-1)).toBe(0);
  });
});
