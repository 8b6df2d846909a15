import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import type { GoProgram } from "./go-program.js";
import { freePorts } from "./ports.js";

/** The fixture `random-port` at work, as somebody else's program: casebook has not started it. */
export interface ServedProgram extends AsyncDisposable {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Of its main server, which answers `ok` to `/healthz`. */
  readonly port: number;
  /** The end of what it has printed. */
  said(): string;
  /** What its main server answers, or why it does not. */
  healthz(milliseconds?: number): Promise<string>;
}

/** Starts it and waits until it serves. */
export async function serveProgram(program: GoProgram, flags: readonly string[] = []): Promise<ServedProgram> {
  const [port = 0, readOnly] = await freePorts(2);
  const child = spawn(program.path, [`-port=${port}`, `-read-only-port=${readOnly}`, ...flags], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  const listens = new Promise<void>((resolve, reject) => {
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-400000);
      if (said.includes(`127.0.0.1:${readOnly}`)) resolve();
    });
    child.once("exit", () => reject(new Error(`the program ended: ${said}`)));
    child.once("error", reject);
  });
  await listens;
  return {
    pid: child.pid ?? 0,
    child,
    port,
    said: () => said,
    async healthz(milliseconds = 5000) {
      try {
        const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(milliseconds) });
        return await answer.text();
      } catch (error) {
        return String(error);
      }
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Who traces the threads of a process, and the letters of their states. */
export function threadsOf(pid: number): readonly { readonly tracer: number; readonly state: string }[] {
  return readdirSync(`/proc/${pid}/task`).map((tid) => {
    const status = readFileSync(`/proc/${pid}/task/${tid}/status`, "utf8");
    return {
      tracer: Number(/^TracerPid:\t(\d+)/m.exec(status)?.[1]),
      state: /^State:\t(.)/m.exec(status)?.[1] ?? "",
    };
  });
}
