import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/**
 * A process that works on a case, so that others can tell whether it lives: a pid alone may have been given to another since, or belong
 * to another machine or container that has the folder too.
 */
export interface Holder {
  readonly pid: number;
  readonly start_ticks: string;
  readonly boot_id: string;
  /** As /proc/PID/ns/pid names it; empty where the kernel does not tell. */
  readonly pid_namespace: string;
  readonly host: string;
}

/** This process. */
export function ownHolder(): Holder {
  return {
    pid: process.pid,
    start_ticks: startTicks("self") ?? "",
    boot_id: bootId(),
    pid_namespace: pidNamespace(),
    host: hostname(),
  };
}

/** Whether a holder lives; `unseen`: it may, where this process cannot look. */
export function lifeOf(holder: Holder): "lives" | "gone" | "unseen" {
  if (holder.boot_id !== bootId()) return holder.host === hostname() ? "gone" : "unseen";
  if (holder.pid_namespace !== pidNamespace() || !seesOwnProcesses()) return "unseen";
  return startTicks(holder.pid) === holder.start_ticks ? "lives" : "gone";
}

/** Where an unseen holder is, as a clause. */
export const placeOf = ({ boot_id, host }: Holder): string =>
  boot_id === bootId() ? `in another container of this machine, ${host}` : `on another machine, ${host}`;

const bootId = (): string => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();

function pidNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return "";
  }
}

/** A /proc that was mounted for another namespace numbers processes otherwise. */
const seesOwnProcesses = (): boolean => readlinkSync("/proc/self") === String(process.pid);

/** Field 22 of /proc/PID/stat; the second field may hold spaces and parentheses. null when there is no such process. */
function startTicks(pid: number | "self"): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return null; // ESRCH: it ended while it was read
    throw error;
  }
}
