import { collect } from "../../linux/collect.js";
import type { Target } from "../../model/target.js";
import { type Clock, zoneMinutes } from "./line-time.js";

/** The host's time and zone, against which the times of a log are read. */
export async function hostClock(target: Target, signal: AbortSignal): Promise<Clock> {
  const { stdout } = await collect(target, { argv: ["date", "+%s %z"] }, signal);
  const [seconds, zone] = stdout.trim().split(" ");
  const now = Number(seconds);
  return {
    now: Number.isFinite(now) && now > 0 ? new Date(now * 1000) : new Date(),
    offsetMinutes: zone === undefined ? 0 : zoneMinutes(zone),
  };
}
