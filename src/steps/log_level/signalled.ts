import { constants } from "node:os";
import { pidsByName } from "../../linux/by-name.js";
import { collect } from "../../linux/collect.js";
import { identify, isRunning } from "../../linux/identity.js";
import { waitUntil } from "../../linux/wait-until.js";
import { readIdentity, writeIdentity } from "../../linux/written-identity.js";
import { type StepContext, StepFailure, type UndoContext, type Undone } from "../../model/step-kind.js";
import type { ProcessIdentity, Target } from "../../model/target.js";
import { timeLimit } from "../../util/time-limit.js";
import { decodeUtf8 } from "../../util/utf8.js";
import type { Changed } from "./changed.js";
import type { LevelSignal, LogLevelSpec } from "./spec.js";
import type { SignalledToken } from "./token.js";

type SignalWay = NonNullable<LogLevelSpec["signal"]>;

/** How long a process may take to be given a signal that was sent. */
const deliveryMilliseconds = 5000;

/**
 * Turns a level up by as many signals as it is away from what the author says it was. Each signal is a change of its own: where this
 * ends halfway, just as many are taken back as were sent.
 */
export async function changeSignalled(spec: LogLevelSpec, way: SignalWay, context: StepContext): Promise<Changed> {
  const { target, signal } = context;
  const before = spec.was ?? "0"; // the schema asks for `was`
  const [first, last] = [Number(before), Number(spec.to)];
  const [sent, undoing, step] = last > first ? [way.up, way.down, 1] : [way.down, way.up, -1];
  const process = await theProcess(way, context);
  await mustHandle(process.pid, [way.up, way.down], target, signal);
  const token: SignalledToken = { through: "signal", process: writeIdentity(process), signal: undoing };
  // Each signal is a change of its own: however few were sent when the step ends, as many are sent back.
  for (let level = first; level !== last; level += step) {
    signal.throwIfAborted();
    const announced = await context.announce({
      what: `log level of process ${process.pid} from ${level} to ${level + step}, by SIG${sent}`,
      undo: `sends SIG${undoing}`,
      token: { ...token, process: { ...token.process } },
    });
    const refused = await send(process, sent, target, signal);
    if (refused === null) continue;
    if (!refused.sent) await announced.undone("the signal was not sent");
    throw new StepFailure(refused.why);
  }
  return { before, during: spec.to, how_known: "declared", reread: async () => null };
}

/** Sends the opposite signal. That a level came back cannot be read, only that the signal was taken. */
export async function undoSignalled(token: SignalledToken, { target, signal }: UndoContext): Promise<Undone> {
  const process = readIdentity(token.process);
  if (!(await isRunning(target, process, signal))) {
    return { state: "was-undone", how: `process ${process.pid} has ended, and the level with it` };
  }
  const refused = await send(process, token.signal, target, signal);
  if (refused !== null) return { state: "cannot", why: refused.why };
  return { state: "undone", how: `process ${process.pid} took SIG${token.signal}; its level cannot be read` };
}

async function theProcess(way: SignalWay, { target, signal }: StepContext): Promise<ProcessIdentity> {
  const pids = way.pid === undefined ? await pidsByName(target, way.process ?? "", signal) : [way.pid];
  const who = way.pid === undefined ? `process named ${way.process}` : `process with pid ${way.pid}`;
  const [pid] = pids;
  const found = pid === undefined ? null : await identify(target, pid, signal);
  if (found === null) throw new StepFailure(`expected a ${who}, found none`);
  if (pids.length === 1) return found;
  throw new StepFailure(`expected exactly one ${who}, found ${pids.join(", ")}`, { remedy: "give the `pid`" });
}

/** A process that neither catches nor ignores such a signal would be ended by it. */
async function mustHandle(
  pid: number,
  names: readonly LevelSignal[],
  target: Target,
  signal: AbortSignal,
): Promise<void> {
  const masks = await signalMasks(pid, target, signal);
  const deaf = names.find((name) => ((masks?.caught ?? 0n) & bit(name)) === 0n);
  if (deaf === undefined) return;
  throw new StepFailure(`expected process ${pid} to handle SIG${deaf}, but it does not: nothing was sent`, {
    remedy: "look up which signals this program turns its level with",
  });
}

interface Refused {
  /** It may have been taken. */
  readonly sent: boolean;
  readonly why: string;
}

/** null: the process took the signal. Only then may another be sent: the kernel keeps no two of a kind. */
async function send(
  process: ProcessIdentity,
  name: LevelSignal,
  target: Target,
  signal: AbortSignal,
): Promise<Refused | null> {
  // The shell's own: the host may have no program of that name. Not cut short: nobody would know whether it was sent.
  const argv = ["/bin/sh", "-c", 'kill -s "$1" -- "$2"', "sh", name, String(process.pid)];
  const { exit, stderr } = await collect(target, { argv }, AbortSignal.timeout(deliveryMilliseconds));
  if (exit.code !== 0) {
    const said = stderr.trim() || `kill ended with ${exit.code ?? exit.signal}`;
    return { sent: exit.code === null, why: `SIG${name} could not be sent to process ${process.pid}: ${said}` };
  }
  using limit = timeLimit(signal, deliveryMilliseconds);
  const taken = await waitUntil(async () => {
    const masks = await signalMasks(process.pid, target, limit.signal);
    return masks === null || (masks.pending & bit(name)) === 0n ? true : null;
  }, limit.signal);
  if (taken !== true) {
    const why = `process ${process.pid} did not take SIG${name} within ${deliveryMilliseconds / 1000} s`;
    return { sent: true, why };
  }
  if (await isRunning(target, process, signal)) return null;
  return { sent: true, why: `process ${process.pid} ended when it was sent SIG${name}` };
}

interface SignalMasks {
  readonly caught: bigint;
  readonly pending: bigint;
}

/** SigCgt, and SigPnd with ShdPnd, of /proc/PID/status; null when the process has gone. */
async function signalMasks(pid: number, target: Target, signal: AbortSignal): Promise<SignalMasks | null> {
  try {
    const status = decodeUtf8(await target.read(`/proc/${pid}/status`, signal));
    const mask = (name: string): bigint =>
      BigInt(`0x${new RegExp(`^${name}:\\t(\\w+)$`, "m").exec(status)?.[1] ?? "0"}`);
    return { caught: mask("SigCgt"), pending: mask("SigPnd") | mask("ShdPnd") };
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH")) return null;
    throw error;
  }
}

/** Numbers of the signals on Linux; node's are those of this machine, which is one too. */
const bit = (name: string): bigint => {
  const number = Object.entries(constants.signals).find(([known]) => known === `SIG${name}`)?.[1] ?? 0;
  return number === 0 ? 0n : 1n << BigInt(number - 1);
};
