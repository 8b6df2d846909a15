import { collect } from "../../linux/collect.js";
import { isGone, isRunning, readStat } from "../../linux/identity.js";
import { isTrapPending, type ProcessThread, readThreads } from "../../linux/threads.js";
import { waitUntil } from "../../linux/wait-until.js";
import type { UndoContext } from "../../model/step-kind.js";
import type { ProcessIdentity, Target } from "../../model/target.js";
import { decodeUtf8 } from "../../util/utf8.js";
import { cancelStep } from "./cancel-step.js";

/** Looks at a program that runs before it is let go of all the same; they are 200 ms apart at most. */
const patience = 20;

/**
 * Waits until a program that was debugged runs, traced by nobody. One that its debugger left stopped is continued, and a Delve whose
 * leash is gone is told to let go, where the program stands, as the leash would have.
 * Yields what was seen, as a sentence, or null when it did not come to that before the signal aborted.
 * @param leader that held Delve's leash; its number is that of Delve's group
 */
export async function untilFree(
  program: ProcessIdentity,
  leader: ProcessIdentity,
  { target, signal }: Pick<UndoContext, "target" | "signal">,
): Promise<string | null> {
  const { pid } = program;
  let before: ProcessThread | null = null;
  let looks = 0;
  return await waitUntil(async () => {
    if (!(await isRunning(target, program, signal))) return `process ${pid} has ended by itself`;
    const threads = await readThreads(target, pid, signal);
    const main = threads.find(({ tid }) => tid === pid) ?? threads[0];
    if (main === undefined) return null;
    const tracer = threads.find((thread) => thread.tracer !== 0)?.tracer;
    if (tracer !== undefined) {
      const stands = main.state === "t" && before?.state === "t" && before.switches === main.switches && !main.trapped;
      before = main;
      if (stands || (main.state !== "t" && ++looks > patience))
        await interrupt(tracer, stands, leader, { target, signal });
      return null;
    }
    if (threads.some(({ state }) => state === "t")) return null;
    if (main.state !== "T") {
      return `process ${pid} runs, TracerPid 0 in all ${threads.length} threads, state ${main.state}`;
    }
    // The SIGSTOP of attaching was delivered after Delve had gone.
    await collect(target, { argv: ["/bin/sh", "-c", `kill -s CONT ${pid}`] }, signal);
    return null;
  }, signal);
}

/** Only a Delve of ours: somebody else may trace the program by now. */
async function interrupt(
  tracer: number,
  stands: boolean,
  leader: ProcessIdentity,
  { target, signal }: Pick<UndoContext, "target" | "signal">,
): Promise<void> {
  if ((await readStat(target, tracer, signal))?.pgrp !== leader.pid) return;
  if (stands)
    await collect(target, { argv: ["bash", "-p", "-c", cancelStep, "casebook-cancel", String(tracer)] }, signal);
  await collect(target, { argv: ["/bin/sh", "-c", `kill -s INT ${tracer}`] }, signal);
}

/** Whether a SIGTRAP waits for the process; for one that has ended none does. */
export async function awaitsTrap(target: Target, pid: number, signal: AbortSignal): Promise<boolean> {
  try {
    return isTrapPending(decodeUtf8(await target.read(`/proc/${pid}/status`, signal)));
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}
