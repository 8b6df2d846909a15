import { constants } from "node:os";
import { pidsByName } from "../../linux/by-name.js";
import { identify, isRunning } from "../../linux/identity.js";
import { waitUntil } from "../../linux/wait-until.js";
import { readIdentity, writeIdentity } from "../../linux/written-identity.js";
import { type StepContext, StepFailure, type UndoContext, type Undone } from "../../model/step-kind.js";
import type { ProcessIdentity, Target } from "../../model/target.js";
import { timeLimit } from "../../util/time-limit.js";
import { decodeUtf8 } from "../../util/utf8.js";
import type { Changed } from "./changed.js";
import type { LevelSignal, LogLevelSpec } from "./spec.js";
import { countOf, createTally, placeTally, removeTally, sendCounted, type Tally } from "./tally.js";
import type { SignalledToken } from "./token.js";

type SignalWay = NonNullable<LogLevelSpec["signal"]>;

/** How long a process may take to be given a signal that was sent. */
const deliveryMilliseconds = 5000;

/** Turns a level up by as many signals as it is away from what the author says it was. */
export async function changeSignalled(spec: LogLevelSpec, way: SignalWay, context: StepContext): Promise<Changed> {
  const { target, signal } = context;
  const before = spec.was ?? "0"; // the schema asks for `was`
  const away = Number(spec.to) - Number(before);
  const times = Math.abs(away);
  const [forth, back] = away > 0 ? [way.up, way.down] : [way.down, way.up];
  const process = await theProcess(way, context);
  await mustHandle(process.pid, [way.up, way.down], target, signal);
  const tally = await placeTally(target, signal);
  const token: SignalledToken = { through: "signal", process: writeIdentity(process), signal: back, tally };
  await context.announce({
    what: `log level of process ${process.pid} from ${before} to ${spec.to}, by ${times} × SIG${forth}`,
    undo: `sends SIG${back} as often as SIG${forth} was sent`,
    token: { ...token, process: { ...token.process } },
  });
  await createTally(tally, target, signal);
  for (let sent = 0; sent < times; sent++) {
    signal.throwIfAborted();
    const refused = await send({ process, name: forth, tally, mark: "+" }, target, signal);
    if (refused !== null) throw new StepFailure(refused);
  }
  return { before, during: spec.to, how_known: "declared", reread: async () => null };
}

/**
 * Sends the opposite signal as often as the host's tally says that is missing, so that it may be repeated. That a level came back
 * cannot be read, only that the signals were taken.
 */
export async function undoSignalled(token: SignalledToken, { target, signal }: UndoContext): Promise<Undone> {
  const process = readIdentity(token.process);
  const { tally } = token;
  if (!(await isRunning(target, process, signal))) {
    await removeTally(tally, target, signal);
    return { state: "was-undone", how: `process ${process.pid} has ended, and the level with it` };
  }
  const missing = await countOf(tally, target, signal);
  if (missing === null) return { state: "was-undone", how: `no signal is to be taken back: ${tally} is not there` };
  for (let left = missing; left > 0; left--) {
    const refused = await send({ process, name: token.signal, tally, mark: "-" }, target, signal);
    if (refused !== null) return { state: "cannot", why: refused };
  }
  await removeTally(tally, target, signal);
  if (missing === 0)
    return { state: "was-undone", how: `process ${process.pid} has no signal that is to be taken back` };
  return {
    state: "undone",
    how: `process ${process.pid} took ${missing} × SIG${token.signal}; its level cannot be read`,
  };
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

interface CountedSignal {
  readonly process: ProcessIdentity;
  readonly name: LevelSignal;
  readonly tally: Tally;
  readonly mark: "+" | "-";
}

/** Why a signal was not sent, or not taken, or null. Waits until it was taken: the kernel keeps no two of a kind. */
async function send(
  { process, name, tally, mark }: CountedSignal,
  target: Target,
  signal: AbortSignal,
): Promise<string | null> {
  const refused = await sendCounted(tally, mark, name, process.pid, target);
  if (refused !== null) return `SIG${name} could not be sent to process ${process.pid}: ${refused}`;
  using limit = timeLimit(signal, deliveryMilliseconds);
  const taken = await waitUntil(async () => {
    const masks = await signalMasks(process.pid, target, limit.signal);
    return masks === null || (masks.pending & bit(name)) === 0n ? true : null;
  }, limit.signal);
  if (taken !== true) return `process ${process.pid} did not take SIG${name} within ${deliveryMilliseconds / 1000} s`;
  return (await isRunning(target, process, signal)) ? null : `process ${process.pid} ended when it was sent SIG${name}`;
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
