import { spawn } from "node:child_process";
import { cli } from "./casebook.js";

/** How a run is ended from outside. */
export interface End {
  readonly signal: "INT" | "TERM" | "KILL";
  /** After how many lines of progress; 0: after casebook's own start. */
  readonly after: number;
  /** Milliseconds from then on. */
  readonly delay: number;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Of its progress. */
  readonly lines: number;
}

/** Runs the real command line and sends it a signal at a moment, unless it is over before. */
export async function runAndEnd(
  args: readonly string[],
  cwd: string,
  end: End | null,
  env: NodeJS.ProcessEnv,
): Promise<Ended> {
  const child = spawn(process.execPath, [cli(), ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let timer: NodeJS.Timeout | undefined;
  let lines = 0;
  const endLater = (): void => {
    if (end !== null && lines >= end.after) timer ??= setTimeout(() => child.kill(`SIG${end.signal}`), end.delay);
  };
  endLater();
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    lines += text.split("\n").length - 1;
    endLater();
  });
  const ended = await new Promise<Pick<Ended, "code" | "signal">>((resolve) =>
    child.on("close", (code, by) => resolve({ code, signal: by })),
  );
  clearTimeout(timer);
  return { ...ended, stdout, stderr, lines };
}
