import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";

export const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Starts a process that gets this very pid; others may take it first, so it is tried again. null where the kernel lets nobody choose. */
export function processWithPid(pid: number): ChildProcess | null {
  for (let attempt = 0; attempt < 300; attempt++) {
    try {
      writeFileSync("/proc/sys/kernel/ns_last_pid", String(pid - 1));
    } catch {
      return null;
    }
    const child = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
    if (child.pid === pid) return child;
    child.kill("SIGKILL");
  }
  return null;
}
