import { spawn } from "node:child_process";
import { quoteWords } from "../../src/util/shell-quote.js";
import { cli } from "./casebook.js";

export interface Dialogue {
  readonly code: number | null;
  /** All that the terminal was sent. */
  readonly screen: string;
}

/**
 * Runs the real command line on a pseudo-terminal and types.
 *
 * @param turns each: what the terminal has to show, from where the turn before ended, and the keys that are then pressed
 */
export function onTerminal(
  args: readonly string[],
  cwd: string,
  turns: readonly (readonly [shows: string, keys: string])[],
  env: NodeJS.ProcessEnv = {},
): Promise<Dialogue> {
  // A pseudo-terminal begins without a size, and prompts would put each character on a line of its own.
  const command = `stty columns 120 rows 40; exec ${quoteWords([process.execPath, cli(), ...args])}`;
  const child = spawn("script", ["-qec", command, "/dev/null"], {
    cwd,
    env: { ...process.env, TERM: "xterm", ...env },
  });
  const left = [...turns];
  let screen = "";
  let seen = 0;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    screen += text;
    for (let next = left[0]; next !== undefined; next = left[0]) {
      const at = screen.indexOf(next[0], seen);
      if (at === -1) return;
      seen = at + next[0].length;
      child.stdin.write(next[1]);
      left.shift();
    }
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      if (left.length === 0) resolve({ code, screen });
      else reject(new Error(`the terminal never showed ${JSON.stringify(left[0]?.[0])}:\n${screen}`));
    });
  });
}
