import { endProcess } from "../../linux/end-process.js";
import { isRunning } from "../../linux/identity.js";
import { readThreads } from "../../linux/threads.js";
import { waitUntil } from "../../linux/wait-until.js";
import { readIdentity } from "../../linux/written-identity.js";
import type { UndoContext, Undone } from "../../model/step-kind.js";
import type { ProcessIdentity } from "../../model/target.js";
import { descends } from "./descends.js";
import { programEnding, type Token, tracerEnding } from "./spec.js";

/** Detaches strace and checks that nobody of whom it traced stands still or is traced by it; or ends a program that was started. */
export async function undoToken(token: Token, context: UndoContext): Promise<Undone> {
  const { target, signal } = context;
  if (token.what === "started") return await endProcess(target, readIdentity(token.program), programEnding, signal);
  const ended = await endProcess(target, readIdentity(token.tracer), tracerEnding, signal);
  if (ended.state === "cannot") return ended;
  const found: string[] = [];
  for (const traced of token.traced) {
    const how = await untilFree(readIdentity(traced), token.tracer.pid, context);
    if (how === null) return { state: "cannot", why: `process ${traced.pid} is still traced by ${token.tracer.pid}` };
    found.push(how);
  }
  return { state: ended.state, how: `strace has ended; ${found.join(", ")}` };
}

/** How the process fares without its tracer; null when that is still there. */
async function untilFree(traced: ProcessIdentity, tracer: number, context: UndoContext): Promise<string | null> {
  const { target, signal } = context;
  return await waitUntil(async () => {
    if (!(await isRunning(target, traced, signal))) return `process ${traced.pid} has ended`;
    const threads = await readThreads(target, traced.pid, signal);
    for (const by of new Set(threads.map((thread) => thread.tracer))) {
      if (await descends(target, by, tracer, signal)) return null;
    }
    const [main] = threads;
    const by = main === undefined || main.tracer === 0 ? "traced by nobody" : `traced by process ${main.tracer}`;
    return `process ${traced.pid} runs, ${by} (state ${main?.state ?? "?"})`;
  }, signal);
}
