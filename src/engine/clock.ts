import type { Target } from "../model/target.js";
import { printed } from "./printed.js";

export interface Clock {
  /** Milliseconds by which the host's clock is ahead of this machine's; null when it does not tell. */
  readonly ahead: number | null;
  /** Milliseconds that the question took: `ahead` is not known better. */
  readonly within: number;
  /** Whether the host says that its clock follows others; null when it does not say. */
  readonly synchronised: boolean | null;
}

/** `date` of busybox knows no %N and leaves it as it is. */
const script = `
date +%s.%N
timedatectl show --property=NTPSynchronized --value 2>/dev/null`;

export async function readClock(target: Target, now: () => Date, signal: AbortSignal): Promise<Clock> {
  const date = ["/bin/sh", "-c", script];
  const before = now().getTime();
  const { stdout } = await printed(target, date, signal);
  return parseClock(stdout, before, now().getTime());
}

/** Pure part of `readClock`: what was printed between two moments of this machine. */
export function parseClock(text: string, before: number, after: number): Clock {
  const [time = "", synchronised = ""] = text.split("\n");
  const [seconds = "", nanoseconds = ""] = time.split(".");
  const exact = /^\d+$/.test(nanoseconds);
  const host = /^\d+$/.test(seconds) ? Number(seconds) * 1000 + (exact ? Number(nanoseconds) / 1e6 : 500) : null;
  return {
    ahead: host === null ? null : Math.round(host - (before + after) / 2),
    within: Math.round((after - before) / 2 + (exact ? 0 : 500)),
    synchronised: synchronised === "yes" ? true : synchronised === "no" ? false : null,
  };
}
