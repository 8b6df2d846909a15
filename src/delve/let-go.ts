import { collect } from "../linux/collect.js";
import { isRunning } from "../linux/identity.js";
import { waitUntil } from "../linux/wait-until.js";
import type { UndoContext } from "../model/step-kind.js";
import type { ProcessIdentity, Target } from "../model/target.js";

/** A thread of a process: who traces it (0: nobody), and the letter of its state. */
interface Thread {
  readonly tracer: number;
  readonly state: string;
}

/**
 * Waits until a program that was debugged runs, traced by nobody; one that its debugger left stopped is continued.
 * Yields what was seen, as a sentence, or null when it did not come to that before the signal aborted.
 */
export async function untilFree(
  program: ProcessIdentity,
  { target, signal }: Pick<UndoContext, "target" | "signal">,
): Promise<string | null> {
  const { pid } = program;
  return await waitUntil(async () => {
    if (!(await isRunning(target, program, signal))) return `process ${pid} has ended by itself`;
    const threads = await readThreads(target, pid, signal);
    const [main] = threads;
    if (main === undefined || threads.some(({ tracer }) => tracer !== 0)) return null;
    if (threads.some(({ state }) => state === "t")) return null;
    if (main.state !== "T") {
      return `process ${pid} runs, TracerPid 0 in all ${threads.length} threads, state ${main.state}`;
    }
    // The SIGSTOP of attaching was delivered after Delve had gone.
    await collect(target, { argv: ["/bin/sh", "-c", `kill -s CONT ${pid}`] }, signal);
    return null;
  }, signal);
}

async function readThreads(target: Target, pid: number, signal: AbortSignal): Promise<readonly Thread[]> {
  const argv = ["/bin/sh", "-c", `cat /proc/${pid}/task/[0-9]*/status`];
  const { stdout } = await collect(target, { argv }, signal);
  return stdout
    .split(/^(?=Name:\t)/m)
    .map((status) => ({
      tracer: Number(/^TracerPid:\t(\d+)/m.exec(status)?.[1]),
      state: /^State:\t(.)/m.exec(status)?.[1] ?? "",
    }))
    .filter(({ tracer, state }) => !Number.isNaN(tracer) && state !== "Z" && state !== "X");
}
