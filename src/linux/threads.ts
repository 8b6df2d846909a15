import type { Target } from "../model/target.js";
import { collect } from "./collect.js";

/** A thread of a process. */
export interface ProcessThread {
  readonly tid: number;
  /** Who traces it; 0: nobody. */
  readonly tracer: number;
  /** The letter of its state: `S`, `R`, `t`, … */
  readonly state: string;
  /** How often it gave up the processor. */
  readonly switches: string;
  /** A SIGTRAP waits for the process, which would end it once it is traced by nobody. */
  readonly trapped: boolean;
}

/** The threads of a process that live (/proc/PID/task/TID/status); none when it has ended. */
export async function readThreads(target: Target, pid: number, signal: AbortSignal): Promise<readonly ProcessThread[]> {
  const argv = ["/bin/sh", "-c", `cat /proc/${pid}/task/[0-9]*/status`];
  const { stdout } = await collect(target, { argv }, signal);
  return stdout
    .split(/^(?=Name:\t)/m)
    .map((status) => ({
      tid: Number(field(status, "Pid")),
      tracer: Number(field(status, "TracerPid")),
      state: field(status, "State").slice(0, 1),
      switches: field(status, "voluntary_ctxt_switches"),
      trapped: isTrapPending(status),
    }))
    .filter(({ tid, state }) => tid > 0 && state !== "Z" && state !== "X");
}

/** SIGTRAP, number 5, in the mask of signals that wait for a process as a whole. */
const trapBit = 1n << 4n;

/** @param status /proc/PID/status */
export const isTrapPending = (status: string): boolean =>
  (BigInt(`0x${field(status, "ShdPnd") || "0"}`) & trapBit) !== 0n;

const field = (status: string, name: string): string => new RegExp(`^${name}:\\t(.*)$`, "m").exec(status)?.[1] ?? "";
