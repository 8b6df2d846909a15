import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Ending } from "../../model/target.js";

/** How often a group without its leader is looked at; the kernel tells nobody when it is empty. */
const pollMilliseconds = 10;

/** How long sudo may take to send a signal; nothing else happens meanwhile. */
const sudoMilliseconds = 5000;

/** A process that is killed ends at once, unless the kernel holds it (state D); that is not waited for. */
const killedMilliseconds = 5000;

/** Sends a signal to a process group; false when it has no member any more. */
export function signalGroup(leader: number, signal: Ending["signal"] | 0): boolean {
  if (!(leader > 1)) throw new Error(`no process group of ours has the number ${leader}`); // 0 would be casebook's own, 1 everybody
  try {
    return process.kill(-leader, signal === 0 ? 0 : `SIG${signal}`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ESRCH") return false;
    if (code !== "EPERM") throw error;
    // Another user's, started through sudo: it is there, and the same way ends it.
    if (signal === 0) return true;
    const kill = ["-n", "kill", "-s", signal, "--", `-${leader}`];
    return spawnSync("sudo", kill, { timeout: sudoMilliseconds }).status === 0;
  }
}

/**
 * Ends what a leader left behind in its group: the ending's signal, then SIGKILL after its grace. Returns at once when nothing is
 * left, which is the rule.
 */
export async function endLeftovers(leader: number, ending: Ending): Promise<void> {
  if (!signalGroup(leader, ending.signal)) return;
  const end = performance.now() + ending.graceMilliseconds;
  let killed = false;
  while (hasLiving(leader)) {
    const late = performance.now() - end;
    if (late > (killed ? killedMilliseconds : 0)) {
      if (killed || !ending.kill) return;
      signalGroup(leader, "KILL");
      killed = true;
    }
    await sleep(pollMilliseconds);
  }
}

/** A signal also finds the dead whom nobody has reaped yet, and an init may take its time. */
const hasLiving = (leader: number): boolean =>
  signalGroup(leader, 0) && readdirSync("/proc").some((name) => /^\d+$/.test(name) && isLivingMember(name, leader));

function isLivingMember(pid: string, leader: number): boolean {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return false; // it has gone meanwhile
  }
  const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(group) === leader && state !== "Z" && state !== "X";
}

/** The name of a signal by its number, as `kill -l` gives it: `SIGTERM`. */
export const signalName = (number: number): string | null =>
  Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? null;
