import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runText } from "../support/casebook.js";
import { scratch } from "../support/scratch.js";
import { startSshd } from "../support/sshd.js";

const runbook = `casebook: 1
title: What the environment does to shells
steps:
  - id: said
    run: echo out; exit 3
    on_fail: continue
  - id: fed
    run: { command: cat, stdin: in }
  - id: given
    run: [env]
  - id: program
    start: { command: [sleep, "60"] }
    during: [{ run: "true" }]
`;

/** Somebody else's process, a group of its own. */
async function innocent() {
  const child = spawn("sleep", ["300"], { detached: true, stdio: "ignore" });
  await once(child, "spawn");
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

/** What a person may have in the environment, in the worst case. */
async function hostile(pid: number | undefined): Promise<Readonly<Record<string, string>>> {
  const text = `printf 'noise\\np1 ${pid}\\nx1 0\\n'; trap 'echo bye' EXIT; set -eu; alias echo=false; shopt -s expand_aliases\n`;
  const folder = await scratch({ "bash-env": text });
  const functions = ["echo", "read", "wait", "kill", "cd", "printf"].map((name) => [
    `BASH_FUNC_${name}%%`,
    "() { :; }",
  ]);
  return { BASH_ENV: join(folder, "bash-env"), ...Object.fromEntries(functions) };
}

test.each(["local", "ssh://box"])(
  "on %s, casebook's own shells take nothing from the environment but what they pass on",
  async (host) => {
    const other = await innocent();
    const env = await hostile(other.pid);
    await using sshd =
      host === "local" ? null : await startSshd({ server: () => [`SetEnv SHLVL=2 BASH_ENV=${env.BASH_ENV}`] });
    const ran = await runText(runbook, ["--allow", "perturb", "--host", host], { env: sshd?.env ?? env });
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.finished("said").result).toMatchObject({ exit_code: 3, stdout: "out", stderr: "" });
    expect(ran.finished("fed").result).toMatchObject({ stdout: "in", stderr: "" });
    expect(ran.finished("given").result).toMatchObject({ stdout: expect.stringContaining(`BASH_ENV=${env.BASH_ENV}`) });
    if (host === "local") {
      expect(ran.finished("given").result).toMatchObject({ stdout: expect.stringContaining("BASH_FUNC_echo%%=() {") });
    }
    expect(other.exitCode ?? other.signalCode).toBeNull();
  },
);
