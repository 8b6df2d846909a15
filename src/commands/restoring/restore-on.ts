import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Counters, Recorder } from "../../engine/recorder.js";
import { notPutBack, type Restored, restore } from "../../engine/restore.js";
import type { ChangeAnnounced } from "../../model/step-event.js";
import { StepFailure } from "../../model/step-kind.js";
import type { Target } from "../../model/target.js";
import { loadKinds } from "../../steps/index.js";
import { connectTarget, TargetUnavailable } from "../../targets/index.js";
import { timeLimit } from "../../util/time-limit.js";

/** How long connecting to a host may take. */
const connectMilliseconds = 30_000;

/** Where changes are to be put back. */
export interface Place {
  /** The case folder. */
  readonly path: string;
  /** As given now; null: the host is reached as it was. */
  readonly url: string | null;
  readonly host: string;
  /** The name that the machine had; null where it is not known. */
  readonly hostname: string | null;
}

/** What putting back is written down with, and what ends it. */
export interface Restoring {
  readonly recorder: Recorder;
  readonly counters: Counters;
  readonly now: () => Date;
  /** Ends connecting; what is being put back is finished, and nothing further is begun. */
  readonly signal: AbortSignal;
}

/** Puts back the changes of one host. Rejects with a node system error where the case cannot be written. */
export async function restoreOn(
  place: Place,
  changes: readonly ChangeAnnounced[],
  { recorder, counters, now, signal }: Restoring,
): Promise<readonly Restored[]> {
  const scratch = join(place.path, ".scratch");
  await mkdir(scratch, { mode: 0o700, recursive: true });
  try {
    const reached = await reach(place, scratch, signal);
    if (typeof reached === "string") return notPutBack(changes, reached);
    await using target = reached;
    const kinds = await loadKinds(changes.map(({ kind }) => kind));
    return await restore(changes, { kinds, target, recorder, counters, now, signal });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** A sentence why not. */
async function reach({ url, host, hostname }: Place, scratch: string, signal: AbortSignal): Promise<Target | string> {
  using limit = timeLimit(signal, connectMilliseconds);
  let target: Target | null = null;
  let why: string | null;
  try {
    target = await connectTarget(url ?? host, { signal: limit.signal, scratch });
    why = url === null ? await otherMachine(target, hostname, limit.signal) : null;
  } catch (error) {
    why = unreached(error, signal, limit.signal, url ?? host);
    if (why === null) throw error;
  }
  if (why === null && target !== null) return target;
  await target?.[Symbol.asyncDispose]();
  return why ?? `${url ?? host} could not be reached`;
}

function unreached(error: unknown, interrupted: AbortSignal, limit: AbortSignal, host: string): string | null {
  if (interrupted.aborted) return `interrupted before ${host} was reached`;
  if (error instanceof TargetUnavailable || error instanceof StepFailure) return error.message;
  return limit.aborted ? `${host} could not be reached within ${connectMilliseconds / 1000} s` : null;
}

/** A case may have been copied: pids and ports of another machine must not be touched here. */
async function otherMachine(target: Target, hostname: string | null, signal: AbortSignal): Promise<string | null> {
  const here = (await target.facts(signal)).hostname;
  if (hostname === null || hostname === here) return null;
  return `the run was on ${hostname}, and ${target.name} is ${here}: run this command there, or say with --host where ${hostname} is reached`;
}
