import { collect } from "../../linux/collect.js";
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

const field = (status: string, name: string): string => new RegExp(`^${name}:\\t(.*)$`, "m").exec(status)?.[1] ?? "";
