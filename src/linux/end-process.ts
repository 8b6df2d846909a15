import type { Undone } from "../model/step-kind.js";
import type { Ending, ProcessIdentity, Target } from "../model/target.js";
import { timeLimit } from "../util/time-limit.js";
import { collect } from "./collect.js";
import { isRunning } from "./identity.js";
import { parseStats } from "./stat.js";
import { waitUntil } from "./wait-until.js";

/**
 * Ends a process that leads its group, and the group with it, in the given way: its signal, then, after the grace, SIGKILL
 * if the ending allows it. Only the very process is touched, never a later one with its pid. Safe to repeat, also from
 * another process.
 */
export async function endProcess(
  target: Target,
  identity: ProcessIdentity,
  ending: Ending,
  signal: AbortSignal,
): Promise<Undone> {
  const { pid } = identity;
  if (!(await isRunning(target, identity, signal))) return { state: "was-undone", how: `process ${pid} has ended` };
  const refused = await signalGroup(target, pid, ending.signal, signal);
  if (await endedWithin(target, pid, ending.graceMilliseconds, signal)) return gone(pid, ending.signal);
  if (!ending.kill) return await patiently(target, pid, ending, refused, signal);
  await signalGroup(target, pid, "KILL", signal);
  if (await groupEnded(target, pid, signal)) return gone(pid, "KILL");
  return { state: "cannot", why: refused ?? `process ${pid} still runs after SIG${ending.signal} and SIGKILL` };
}

async function patiently(
  target: Target,
  pid: number,
  ending: Ending,
  refused: string | null,
  signal: AbortSignal,
): Promise<Undone> {
  if (await groupEnded(target, pid, signal)) return gone(pid, ending.signal);
  return {
    state: "cannot",
    why: refused ?? `process ${pid} still runs after SIG${ending.signal}, and must not be killed`,
  };
}

const gone = (pid: number, by: string): Undone => ({
  state: "undone",
  how: `sent SIG${by} to process ${pid} and its group; none of them runs any more`,
});

/** Why the signal could not be sent, or null. A group that is gone meanwhile is no reason. */
async function signalGroup(target: Target, pid: number, name: string, signal: AbortSignal): Promise<string | null> {
  const { exit, stderr } = await collect(target, { argv: ["/bin/sh", "-c", `kill -s ${name} -- -${pid}`] }, signal);
  return exit.code === 0 || /No such process/.test(stderr) ? null : stderr.trim();
}

async function endedWithin(target: Target, group: number, milliseconds: number, signal: AbortSignal): Promise<boolean> {
  using grace = timeLimit(signal, milliseconds);
  return await groupEnded(target, group, grace.signal);
}

/** The group's number is not used again as long as one of its members is there. */
async function groupEnded(target: Target, group: number, signal: AbortSignal): Promise<boolean> {
  const ended = await waitUntil(async () => ((await hasMembers(target, group, signal)) ? null : true), signal);
  return ended === true;
}

async function hasMembers(target: Target, group: number, signal: AbortSignal): Promise<boolean> {
  const { stdout } = await collect(target, { argv: ["/bin/sh", "-c", "cat /proc/[0-9]*/stat || :"] }, signal);
  // Where the listing was cut short by the signal, nothing is known: the members are taken to be there.
  if (signal.aborted) return true;
  return parseStats(stdout).some((stat) => stat.pgrp === group && stat.state !== "Z" && stat.state !== "X");
}
