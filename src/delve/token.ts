import { z } from "zod";
import { collect } from "../linux/collect.js";
import { endProcess } from "../linux/end-process.js";
import type { Json } from "../model/json.js";
import type { UndoContext, Undone } from "../model/step-kind.js";
import type { ProcessIdentity } from "../model/target.js";

/** What suffices for another process to put back what a debugging session changed. */
const token = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("debugger"),
    pid: z.int().positive(),
    start_ticks: z.string(),
    boot_id: z.string(),
  }),
  z.strictObject({ type: z.literal("directory"), path: z.string().startsWith("/") }),
]);

/** @param identity the process that supervises Delve and leads its group */
export const debuggerToken = ({ pid, startTicks, bootId }: ProcessIdentity): Json => ({
  type: "debugger",
  pid,
  start_ticks: startTicks,
  boot_id: bootId,
});

export const directoryToken = (path: string): Json => ({ type: "directory", path });

/** Ends a Delve that casebook started, with its program, or removes a folder. Never SIGKILL: it would leave breakpoints in the program. */
export async function undo(written: Json, context: UndoContext): Promise<Undone> {
  const what = token.parse(written);
  if (what.type === "debugger") {
    const identity = { pid: what.pid, startTicks: what.start_ticks, bootId: what.boot_id };
    const ending = { signal: "TERM", graceMilliseconds: 5000, kill: false } as const;
    return await endProcess(context.target, identity, ending, context.signal);
  }
  const { exit, stderr } = await collect(context.target, { argv: ["rm", "-rf", "--", what.path] }, context.signal);
  if (exit.code !== 0) return { state: "cannot", why: `could not remove ${what.path}: ${stderr.trim()}` };
  return { state: "undone", how: `removed ${what.path}` };
}
