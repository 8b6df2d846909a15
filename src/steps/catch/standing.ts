import type { Location, Thread } from "../../delve/rpc/protocol.js";
import type { BareStacks } from "../../delve/session/bare-stacks.js";
import type { DelveSession } from "../../delve/session/session.js";
import { bareGoroutine } from "./bare-goroutine.js";

/** A goroutine that stands at a breakpoint. */
export interface Standing {
  /** 0: not known. */
  readonly goroutine: number;
  /** Tells it from other goroutines, also where its number is not known. */
  readonly owner: number;
  /** Where its frame lies, as in a `Call`; null: not known. */
  readonly frame: number | null;
  /** The call has no frame of its own. */
  readonly inlined: boolean;
  readonly stack: readonly Location[];
  /** Of a program without debug information, all that can be read of it. */
  readonly registers: ReadonlyMap<string, bigint> | null;
}

/** What a stop tells of a thread. @param depth frames that are wanted; where a breakpoint collects them, there may be more */
export async function standingOf(
  thread: Thread,
  session: DelveSession,
  depth: number,
  signal: AbortSignal,
): Promise<Standing> {
  if (session.stacks.bare !== null) return await bareStanding(thread, session.stacks.bare, session, depth, signal);
  const goroutine = thread.goroutineID;
  const stack = thread.breakPointInfo?.stacktrace ?? [];
  const [top, outer] = stack;
  const frame = top?.FrameOffset ?? null;
  return {
    goroutine,
    owner: goroutine,
    frame,
    inlined: frame !== null && frame === outer?.FrameOffset,
    stack,
    registers: null,
  };
}

/** Of a stripped program a breakpoint collects nothing, and only the stack of the current thread can be read. */
async function bareStanding(
  thread: Thread,
  bare: BareStacks,
  { client, goVersion }: DelveSession,
  depth: number,
  signal: AbortSignal,
): Promise<Standing> {
  const found = await bareGoroutine(client, thread.id, goVersion, signal);
  let stack: readonly Location[] = [];
  if (depth > 0) {
    await client.command({ name: "switchThread", threadID: thread.id }, signal);
    stack = await bare.of(thread, depth, signal);
  }
  return {
    goroutine: found?.id ?? 0,
    owner: Number(found?.address ?? 0n),
    frame: found?.frame ?? null,
    inlined: false,
    stack,
    registers: found?.registers ?? null,
  };
}
