import type { Target } from "../model/target.js";
import { collect } from "./collect.js";
import { type ProcessStat, parseStats } from "./stat.js";

/** The kernel keeps this many bytes of a program's name. */
const commBytes = 15;

/** Whether a process goes by this name: the kernel's name for it, of which it keeps 15 bytes. */
export const hasName = (comm: string, name: string): boolean =>
  comm === name ||
  (Buffer.byteLength(name) > commBytes && comm === Buffer.from(name).subarray(0, commBytes).toString());

/** The processes that go by a name, in the order of their pids; zombies are left out. Rejects when the signal aborts. */
export async function processesByName(target: Target, name: string, signal: AbortSignal): Promise<ProcessStat[]> {
  const { stdout } = await collect(target, { argv: ["/bin/sh", "-c", "cat /proc/[0-9]*/stat || :"] }, signal);
  signal.throwIfAborted();
  return parseStats(stdout)
    .filter((stat) => hasName(stat.comm, name) && stat.state !== "Z" && stat.state !== "X")
    .sort((left, right) => left.pid - right.pid);
}

/** Their pids alone. */
export async function pidsByName(target: Target, name: string, signal: AbortSignal): Promise<number[]> {
  return (await processesByName(target, name, signal)).map((stat) => stat.pid);
}
