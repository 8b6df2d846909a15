import { type ChildProcess, spawn } from "node:child_process";
import { cli, type Ran } from "./casebook.js";

/** A casebook that is still at work. */
export interface Running {
  readonly child: ChildProcess;
  /** Resolves once standard error holds the text, this often. */
  says(text: string, times?: number): Promise<void>;
  readonly ended: Promise<Ran>;
}

/** Starts the real command line without a terminal, leading a process group of its own. */
export function startCasebook(args: readonly string[], cwd: string): Running {
  const env = { ...process.env, NO_COLOR: "1" };
  const child = spawn(process.execPath, [cli(), ...args], {
    cwd,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  const waiting = new Set<() => void>();
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    for (const look of waiting) look();
  });
  const ended = new Promise<Ran>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
  const says = (text: string, times = 1): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (stderr.split(text).length <= times) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      child.on("close", () => reject(new Error(`it ended without saying ${JSON.stringify(text)}:\n${stderr}`)));
      look();
    });
  return { child, says, ended };
}
