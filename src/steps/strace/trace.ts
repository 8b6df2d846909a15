import { pidsByName } from "../../linux/by-name.js";
import { type HashedExecutable, hashExecutable, unknownExecutable } from "../../linux/hashed-executable.js";
import { isRunning } from "../../linux/identity.js";
import { writeIdentity } from "../../linux/written-identity.js";
import { type Opened, type StepContext, StepFailure } from "../../model/step-kind.js";
import type { HeldProcess, ProcessIdentity } from "../../model/target.js";
import { timeLimit } from "../../util/time-limit.js";
import { lastLine, readText } from "../output.js";
import { type Attached, announceOrStop, attach, identifyAll } from "./attach.js";
import type { Traced } from "./read.js";
import { describeExit } from "./refusal.js";
import { programEnding, type StraceSpec, type Token } from "./spec.js";
import { undoToken } from "./undo.js";

/** A program that was started to be traced. */
interface Program {
  readonly held: HeldProcess;
  readonly collect: () => Promise<Pick<Traced, "stdout" | "stderr">>;
}

/** Traces while other steps run. */
export async function open(spec: StraceSpec, context: StepContext): Promise<Opened<Traced>> {
  const { attached, traced, program, binary } = await begin(spec, context);
  const pids = traced.map(({ pid }) => pid);
  let stopping = false;
  const stop = async (): Promise<void> => {
    stopping = true;
    await detach(attached, context);
  };
  // A failure to detach leaves the change outstanding: the engine undoes it when the step closes, and reports that.
  const timer = spec.for === undefined ? null : setTimeout(() => void stop().catch(() => undefined), spec.for);
  return {
    value: { pid: pids.length === 1 ? (pids[0] ?? null) : null, pids },
    broken: brokenWhen(attached, traced, context, () => stopping),
    async close(signal) {
      if (timer !== null) clearTimeout(timer);
      stopping = true;
      await attached.held.stop(signal);
      await program?.held.stop(signal);
      return { ...(await collect(attached, traced, program, context)), ...binary };
    },
  };
}

/** Traces until the time is up or the processes have ended. */
export async function observe(spec: StraceSpec, context: StepContext): Promise<Traced> {
  const { attached, traced, program, binary } = await begin(spec, context);
  using limit = spec.for === undefined ? null : timeLimit(context.signal, spec.for);
  await endOrAbort(attached.held, limit?.signal ?? context.signal);
  await detach(attached, context);
  await program?.held.stop(AbortSignal.timeout(2 * programEnding.graceMilliseconds));
  return { ...(await collect(attached, traced, program, context)), ...binary };
}

async function begin(spec: StraceSpec, context: StepContext) {
  const program = spec.command === undefined ? null : await hold(spec.command, context);
  const traced = program === null ? await wanted(spec, context) : [program.held.identity];
  const binary = await binaryOf(spec.command, traced, context);
  const attached = await attach(spec, traced, context);
  program?.held.release();
  return { attached, traced, program, binary };
}

/** Of several processes of a name the first one's. Which program a shell text starts is not known before. */
async function binaryOf(
  command: StraceSpec["command"],
  [first]: readonly ProcessIdentity[],
  { target, signal }: StepContext,
): Promise<HashedExecutable> {
  if (typeof command === "string" || first === undefined) return unknownExecutable;
  return await hashExecutable(target, command?.[0] ?? `/proc/${first.pid}/exe`, signal);
}

async function wanted(spec: StraceSpec, context: StepContext): Promise<readonly ProcessIdentity[]> {
  if (spec.pid !== undefined) return await identifyAll([spec.pid], context);
  const pids = await pidsByName(context.target, spec.process ?? "", context.signal);
  if (pids.length > 0) return await identifyAll(pids, context);
  throw new StepFailure(`expected a process named ${spec.process}, found none`);
}

/** The program stands behind its gate when strace attaches: nothing of it can be missed. */
async function hold(command: string | readonly string[], context: StepContext): Promise<Program> {
  const stdout = context.capture("stdout");
  const stderr = context.capture("stderr");
  const argv = typeof command === "string" ? ["/bin/sh", "-c", command] : command;
  const output = { stdout, stderr };
  const held = await context.target.hold({ argv, env: context.env, ending: programEnding }, output, { stdin: false });
  const token: Token = { what: "started", program: writeIdentity(held.identity) };
  const { pid } = held.identity;
  const undo = "SIGTERM to its group, SIGKILL after 5 s";
  await announceOrStop(held, context, { what: `started process ${pid} to be traced`, undo, token });
  return { held, collect: async () => ({ stdout: await stdout.close(), stderr: await stderr.close() }) };
}

/** By the same code as after a crash, and checked by it. */
async function detach({ token, announced, held }: Attached, context: StepContext): Promise<void> {
  const signal = AbortSignal.timeout(30_000);
  const undone = await undoToken(token, { target: context.target, signal, now: context.now });
  // What cannot be done now stays outstanding: the engine tries again, and says so.
  if (undone.state !== "cannot") await announced.undone(undone.how);
  await held.exit;
}

/** A tracer that ends while what it traced goes on has been ended by somebody else, or has failed. */
async function brokenWhen(
  { held }: Attached,
  traced: readonly ProcessIdentity[],
  { target }: StepContext,
  expected: () => boolean,
): Promise<string> {
  const exit = await held.exit;
  for (const process of traced) {
    if (expected()) break;
    if (await isRunning(target, process, AbortSignal.timeout(10_000)).catch(() => false)) {
      return `strace ended with ${describeExit(exit)} while process ${process.pid} went on; the calls up to then were kept`;
    }
  }
  // Everything traced has ended, or the step is closing: nothing is broken, and nobody waits for this.
  return await new Promise<string>(() => undefined);
}

async function endOrAbort(held: HeldProcess, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  await Promise.race([held.exit, aborted]);
}

async function collect(
  { held, calls, messages }: Attached,
  traced: readonly ProcessIdentity[],
  program: Program | null,
  context: StepContext,
): Promise<Omit<Traced, keyof HashedExecutable>> {
  await held.exit;
  await messages.close();
  const observed = {
    pid: traced[0]?.pid ?? 0,
    calls: await calls.close(),
    ...((await program?.collect()) ?? { stdout: null, stderr: null }),
  };
  const exit = await program?.held.exit;
  if (exit?.code !== 126 && exit?.code !== 127) return observed;
  const said = lastLine(await readText(observed.stderr, context.evidence));
  throw new StepFailure(`the program could not be started (exit code ${exit.code})${said === "" ? "" : `: ${said}`}`, {
    observed,
  });
}
