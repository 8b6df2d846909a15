import { collect } from "../../linux/collect.js";
import { readStat } from "../../linux/identity.js";
import type { Target } from "../../model/target.js";

/** A thread of a process, and who traces it. */
export interface TracedThread {
  readonly tid: number;
  /** 0: nobody. */
  readonly tracer: number;
  /** The letter of its state: `S`, `R`, `t`, … */
  readonly state: string;
}

/** Who traces the threads of a process (TracerPid of /proc/PID/task/TID/status); none when it has ended. */
export async function readTracers(target: Target, pid: number, signal: AbortSignal): Promise<readonly TracedThread[]> {
  const argv = ["/bin/sh", "-c", `cat /proc/${pid}/task/[0-9]*/status`];
  const { stdout } = await collect(target, { argv }, signal);
  return stdout
    .split(/^(?=Name:\t)/m)
    .map((status) => ({
      tid: Number(field(status, "Pid")),
      tracer: Number(field(status, "TracerPid")),
      state: field(status, "State").slice(0, 1),
    }))
    .filter((thread) => thread.tid > 0 && thread.state !== "Z" && thread.state !== "X");
}

/** How many processes may stand between: `sudo` and what it starts before the command. */
const generations = 4;

/** Whether a process is another one, or was started by it, as strace is by `sudo`. */
export async function descends(target: Target, pid: number, from: number, signal: AbortSignal): Promise<boolean> {
  let current = pid;
  for (let step = 0; step <= generations && current > 1; step++) {
    if (current === from) return true;
    current = (await readStat(target, current, signal))?.ppid ?? 0;
  }
  return false;
}

const field = (status: string, name: string): string => new RegExp(`^${name}:\\t(.*)$`, "m").exec(status)?.[1] ?? "";
