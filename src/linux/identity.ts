import type { ProcessIdentity, Target } from "../model/target.js";
import { decodeUtf8 } from "../util/utf8.js";
import { type ProcessStat, parseStats } from "./stat.js";

/** What tells this process from a later one with the same pid, or null when there is none (a zombie has ended). */
export async function identify(target: Target, pid: number, signal: AbortSignal): Promise<ProcessIdentity | null> {
  const stat = await readStat(target, pid, signal);
  if (stat === null || hasEnded(stat)) return null;
  return { pid, startTicks: stat.startTicks, bootId: await readBootId(target, signal) };
}

/** Whether the very process still runs: same pid, same start, same boot, and no zombie. */
export async function isRunning(target: Target, identity: ProcessIdentity, signal: AbortSignal): Promise<boolean> {
  const found = await identify(target, identity.pid, signal);
  return found !== null && found.startTicks === identity.startTicks && found.bootId === identity.bootId;
}

/** /proc/PID/stat, or null when there is no such process. */
export async function readStat(target: Target, pid: number, signal: AbortSignal): Promise<ProcessStat | null> {
  try {
    return parseStats(decodeUtf8(await target.read(`/proc/${pid}/stat`, signal)))[0] ?? null;
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

const hasEnded = (stat: ProcessStat): boolean => stat.state === "Z" || stat.state === "X";

/** A process that ends while its files are read: ENOENT at open, ESRCH at read. */
export const isGone = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH");

async function readBootId(target: Target, signal: AbortSignal): Promise<string> {
  return decodeUtf8(await target.read("/proc/sys/kernel/random/boot_id", signal)).trim();
}
