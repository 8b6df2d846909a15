import { isRunning, readStat } from "../../linux/identity.js";
import { waitUntil } from "../../linux/wait-until.js";
import { readIdentity, writeIdentity } from "../../linux/written-identity.js";
import { startedProgram } from "../../model/offers.js";
import { type StepContext, StepFailure, type UndoContext, type Undone } from "../../model/step-kind.js";
import type { ProcessIdentity } from "../../model/target.js";
import { timeLimit } from "../../util/time-limit.js";
import type { Changed } from "./changed.js";
import { describeChannel, describeReading, readLevel, setLevel, urlOf } from "./channel.js";
import { type Dialogue, quietly } from "./dialogue.js";
import { ownerOf } from "./owner.js";
import { sameLevel } from "./same-level.js";
import type { LogLevelSpec } from "./spec.js";
import type { AskedToken, Channel } from "./token.js";

/** How long a process may take to go when it answers no more. */
const endingMilliseconds = 2000;

/** Turns a level up where somebody answers: an HTTP endpoint or a command. */
export async function changeAsked(spec: LogLevelSpec, channel: Channel, context: StepContext): Promise<Changed> {
  const { target, signal } = context;
  const { to, was } = spec;
  const where = describeChannel(channel);
  const dialogue = recorded(context);
  const read = await readLevel(channel, dialogue);
  if (read !== null && was !== undefined && !sameLevel(read, was)) {
    throw new StepFailure(
      `expected the level ${was} before, as \`was\` says, but ${describeReading(channel)} tells ${read}`,
      {
        remedy: "leave `was` out: the level can be read here",
      },
    );
  }
  const before = read ?? was;
  if (before === undefined) {
    throw new StepFailure(`the level cannot be read at ${where}, and without it nothing could be put back`, {
      remedy: "say what it is with `was:`",
    });
  }
  const owner = await ownerOf(urlOf(channel), target, signal);
  const token: AskedToken = {
    through: "channel",
    channel,
    before,
    to,
    owner: owner === null ? null : writeIdentity(owner),
    ours: owner !== null && (await isOurs(owner, context)),
  };
  const announced = await context.announce({
    what: `log level ${channel.way === "command" ? "by" : "at"} ${where} from ${before} to ${to}`,
    undo: `sets it to ${before}`,
    token: JSON.parse(JSON.stringify(token)),
  });
  const answer = await setLevel(channel, to, dialogue);
  if (!answer.taken) {
    if (answer.unchanged) await announced.undone("it was refused, so nothing was changed");
    throw new StepFailure(answer.why);
  }
  const during = await readLevel(channel, dialogue);
  if (during !== null && !sameLevel(during, to)) {
    throw new StepFailure(`expected the level ${to} at ${where} after setting it, but it tells ${during}`, {
      remedy: "the program may not know this level, or call it otherwise",
    });
  }
  return {
    before,
    during: during ?? to,
    how_known: read === null ? "declared" : "read",
    reread: async (late) => await readLevel(channel, { ...dialogue, signal: late }),
  };
}

/** What is asked and answered while the step is open, kept as evidence. */
function recorded({ target, signal, capture }: StepContext): Dialogue {
  const evidence = capture("exchanges");
  return { target, signal, tell: (exchange) => evidence.write(Buffer.from(`${exchange.trimEnd()}\n\n`)) };
}

/** Sets the level back, unless it is neither what was set nor what it was: then somebody else has changed it. */
export async function undoAsked(token: AskedToken, context: UndoContext): Promise<Undone> {
  const { target, signal } = context;
  const { channel, before, to } = token;
  const tells = `${describeReading(channel)} tells`;
  const owner = token.owner === null ? null : readIdentity(token.owner);
  try {
    if (owner !== null && !(await isRunning(target, owner, signal))) return await withoutOwner(owner, token, context);
    const found = await readLevel(channel, quietly(context));
    if (found !== null && sameLevel(found, before)) {
      return { state: "was-undone", how: `${tells} ${found} already` };
    }
    if (found !== null && !sameLevel(found, to)) {
      const why = `${tells} ${found}, neither ${to}, which was set, nor ${before}, which it was: somebody else has changed it, and it was left alone`;
      return { state: "cannot", why };
    }
    const answer = await setLevel(channel, before, quietly(context));
    if (!answer.taken) return still(answer.why, token);
    const after = await readLevel(channel, quietly(context));
    if (after === null) return { state: "undone", how: `${answer.how}; the level cannot be read there` };
    if (sameLevel(after, before)) return { state: "undone", how: `${answer.how}; read again: ${after}` };
    return { state: "cannot", why: `${answer.how}, but ${tells} still ${after}, not ${before}` };
  } catch (error) {
    if (!(error instanceof StepFailure)) throw error;
    if (owner !== null && (await endsNow(owner, context))) return await withoutOwner(owner, token, context);
    return still(error.message, token);
  }
}

/** A process that ends closes its connections before it is gone. */
async function endsNow(owner: ProcessIdentity, { target, signal }: UndoContext): Promise<boolean> {
  using limit = timeLimit(signal, endingMilliseconds);
  const ended = async () => ((await isRunning(target, owner, limit.signal)) ? null : true);
  return (await waitUntil(ended, limit.signal)) === true;
}

/** What has become of a level whose process has ended. One that the run started itself takes it along. */
async function withoutOwner(owner: ProcessIdentity, token: AskedToken, context: UndoContext): Promise<Undone> {
  const gone = `process ${owner.pid}, which held the level, has ended`;
  if (token.ours) return { state: "was-undone", how: `${gone}, and the level with it` };
  const where = describeChannel(token.channel);
  try {
    const found = await readLevel(token.channel, quietly(context));
    const tells = found === null ? "" : `, which tells ${found}`;
    return { state: "was-undone", how: `${gone}, and the level with it; another process answers at ${where}${tells}` };
  } catch (error) {
    if (!(error instanceof StepFailure)) throw error;
    return still(`${gone}, and ${where} answers no more, so what it will come back with is not known`, token);
  }
}

/** Whether a process is of the group of a program that a step around this one runs. */
async function isOurs(owner: ProcessIdentity, { target, signal, all }: StepContext): Promise<boolean> {
  const group = (await readStat(target, owner.pid, signal))?.pgrp;
  return all(startedProgram).some(({ pid }) => pid === group);
}

const still = (why: string, { before, to }: AskedToken): Undone => ({
  state: "cannot",
  why: `${why}; the level may still be ${to} instead of ${before}`,
});
