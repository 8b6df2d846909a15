import { readStat } from "../../linux/identity.js";
import type { Target } from "../../model/target.js";

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
