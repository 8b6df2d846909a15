import * as z from "zod";
import { collect } from "../../linux/collect.js";
import { endProcess } from "../../linux/end-process.js";
import { readIdentity, writeIdentity, writtenIdentity } from "../../linux/written-identity.js";
import type { Json } from "../../model/json.js";
import type { UndoContext, Undone } from "../../model/step-kind.js";
import type { ProcessIdentity } from "../../model/target.js";
import { attachedEnding } from "./leash.js";
import { leaveConnected } from "./leave-connected.js";
import { untilFree } from "./let-go.js";

/** A folder that casebook made on the host, and nothing else: it is removed with all that is in it. */
const ownFolder = /^\/tmp\/casebook-[0-9a-f-]{36}$/;

/** What suffices for another process to put back what a debugging session changed. */
const token = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("debugger"), ...writtenIdentity.shape }),
  z.strictObject({ type: z.literal("attached"), debugger: writtenIdentity, program: writtenIdentity }),
  z.strictObject({
    type: z.literal("connected"),
    address: z.string(),
    breakpoints: z.string(),
    running: z.boolean(),
  }),
  z.strictObject({ type: z.literal("directory"), path: z.string().regex(ownFolder) }),
]);

/** @param leader the process that supervises Delve and leads its group */
export const debuggerToken = (leader: ProcessIdentity): Json => ({ type: "debugger", ...writeIdentity(leader) });

/** @param leader the process that holds Delve's leash and leads its group */
export const attachedToken = (leader: ProcessIdentity, program: ProcessIdentity): Json => ({
  type: "attached",
  debugger: writeIdentity(leader),
  program: writeIdentity(program),
});

/**
 * @param breakpoints how the names of breakpoints begin that casebook sets
 * @param running whether the program ran before
 */
export const connectedToken = (address: string, breakpoints: string, running: boolean): Json => ({
  type: "connected",
  address,
  breakpoints,
  running,
});

export const directoryToken = (path: string): Json => ({ type: "directory", path });

/**
 * Ends a Delve that casebook started, with its program; or has it let go of a program that was running, and checks that this runs and
 * is traced by nobody; or leaves somebody else's Delve as it was found; or removes a folder. Never SIGKILL: it would leave breakpoints in the program.
 */
export async function undo(announced: Json, context: UndoContext): Promise<Undone> {
  const what = token.parse(announced);
  switch (what.type) {
    case "debugger": {
      const ending = { signal: "TERM", graceMilliseconds: 5000, kill: false } as const;
      return await endProcess(context.target, readIdentity(what), ending, context.signal);
    }
    case "attached": {
      // Both at once: a leash that is only half there ends when its Delve does.
      const [ended, free] = await Promise.all([
        endProcess(context.target, readIdentity(what.debugger), attachedEnding, context.signal),
        untilFree(readIdentity(what.program), readIdentity(what.debugger), context),
      ]);
      if (free === null) {
        const why = `process ${what.program.pid} is still traced, or stands still`;
        return { state: "cannot", why: ended.state === "cannot" ? `${why}: ${ended.why}` : why };
      }
      return { state: ended.state === "was-undone" ? "was-undone" : "undone", how: free };
    }
    case "connected":
      return await leaveConnected(what, context);
    case "directory": {
      const { exit, stderr } = await collect(context.target, { argv: ["rm", "-rf", "--", what.path] }, context.signal);
      if (exit.code !== 0) return { state: "cannot", why: `could not remove ${what.path}: ${stderr.trim()}` };
      return { state: "undone", how: `removed ${what.path}` };
    }
    default:
      what satisfies never;
      throw new Error("unreachable");
  }
}
