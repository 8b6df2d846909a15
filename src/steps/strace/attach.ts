import { identify } from "../../linux/identity.js";
import { readThreads } from "../../linux/threads.js";
import { waitUntil } from "../../linux/wait-until.js";
import { writeIdentity } from "../../linux/written-identity.js";
import type { Evidence } from "../../model/evidence.js";
import { type Announced, type StepContext, StepFailure } from "../../model/step-kind.js";
import type { Exit, HeldProcess, ProcessIdentity } from "../../model/target.js";
import { timeLimit } from "../../util/time-limit.js";
import { decodeUtf8 } from "../../util/utf8.js";
import { straceArgv } from "./command-line.js";
import { descends } from "./descends.js";
import { refusal } from "./refusal.js";
import { type StraceSpec, type Token, tracerEnding } from "./spec.js";

/** How long strace may take to attach to all threads; it takes milliseconds for thousands. */
const attachMilliseconds = 15_000;

/** strace, attached. */
export interface Attached {
  readonly held: HeldProcess;
  readonly calls: Evidence;
  readonly messages: Evidence;
  readonly announced: Announced;
  readonly token: Token;
}

/**
 * Attaches strace to processes and returns once the kernel names it as the tracer of each.
 * @throws StepFailure that says why it could not
 */
export async function attach(
  spec: StraceSpec,
  traced: readonly ProcessIdentity[],
  context: StepContext,
): Promise<Attached> {
  const pids = traced.map(({ pid }) => pid);
  const calls = context.capture("calls");
  const messages = context.capture("strace");
  const held = await context.target.hold(
    { argv: straceArgv(spec, pids), ending: tracerEnding },
    { stdout: calls, stderr: messages },
    { stdin: false },
  );
  const token: Token = { what: "attached", tracer: writeIdentity(held.identity), traced: traced.map(writeIdentity) };
  const announced = await announceOrStop(held, context, {
    what: `attached strace to ${pids.length === 1 ? "process" : "processes"} ${pids.join(", ")}`,
    undo: `SIGTERM to strace (process ${held.identity.pid}), which detaches`,
    token,
  });
  held.release();
  const exit = await untilAttached(held, pids, spec.follow !== false, context);
  if (exit !== null) throw await whyNot(exit, messages, pids, context);
  return { held, calls, messages, announced, token };
}

/** Before a process is let go; what is not in the journal must not run. */
export async function announceOrStop(
  held: HeldProcess,
  context: StepContext,
  change: { readonly what: string; readonly undo: string; readonly token: Token },
): Promise<Announced> {
  try {
    return await context.announce({ ...change, token: JSON.parse(JSON.stringify(change.token)) });
  } catch (error) {
    await held.stop(AbortSignal.timeout(tracerEnding.graceMilliseconds));
    throw error;
  }
}

/** How strace ended before it was attached, or null when it is. */
async function untilAttached(
  held: HeldProcess,
  pids: readonly number[],
  follow: boolean,
  context: StepContext,
): Promise<Exit | null> {
  let exit: Exit | null = null;
  const ended = new AbortController();
  void held.exit.then((how) => {
    exit = how;
    ended.abort();
  });
  using limit = timeLimit(context.signal, attachMilliseconds);
  const signal = AbortSignal.any([limit.signal, ended.signal]);
  const tracer = held.identity.pid;
  const attached = await waitUntil(
    async () => ((await areTraced(context, pids, tracer, follow, signal)) ? true : null),
    signal,
  );
  if (attached === true || exit !== null) return exit;
  context.signal.throwIfAborted();
  throw new StepFailure(`strace was not attached to process ${pids.join(", ")} within ${attachMilliseconds / 1000} s`);
}

async function areTraced(
  context: StepContext,
  pids: readonly number[],
  tracer: number,
  follow: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  for (const pid of pids) {
    const threads = await readThreads(context.target, pid, signal);
    const wanted = follow ? threads : threads.filter((thread) => thread.tid === pid);
    const by = new Set(wanted.map((thread) => thread.tracer));
    const [only = 0] = by;
    if (by.size !== 1 || !(await descends(context.target, only, tracer, signal))) return false;
  }
  return true;
}

async function whyNot(exit: Exit, messages: Evidence, pids: readonly number[], context: StepContext) {
  const ref = await messages.close();
  const stderr = ref === null ? "" : decodeUtf8(await context.evidence.head(ref.path, 16 * 1024));
  const refused = pids.find((pid) => stderr.includes(`, ${pid})`)) ?? pids[0] ?? 0;
  return await refusal(context.target, refused, exit, stderr, context.signal);
}

/** What tells the processes from later ones with their pids. */
export async function identifyAll(pids: readonly number[], context: StepContext): Promise<readonly ProcessIdentity[]> {
  const found: ProcessIdentity[] = [];
  for (const pid of pids) {
    const identity = await identify(context.target, pid, context.signal);
    if (identity === null) {
      throw new StepFailure(`expected a process with pid ${pid}, found none`, {
        remedy: "find it anew: its pid changes at every start",
      });
    }
    found.push(identity);
  }
  return found;
}
