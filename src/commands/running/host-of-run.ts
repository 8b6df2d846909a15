import { StepFailure } from "../../model/step-kind.js";
import type { HostFacts, Target } from "../../model/target.js";
import { connectTarget, TargetUnavailable } from "../../targets/index.js";
import { timeLimit } from "../../util/time-limit.js";
import type { Needs } from "./needs.js";
import { type Check, preflight } from "./preflight.js";

/** What a run looks at, and what was found there before it began. */
export interface HostOfRun {
  readonly target: Target;
  readonly facts: HostFacts;
  readonly tools: readonly { readonly name: string; readonly path: string; readonly version: string | null }[];
}

/** Sentences that say what is missing and how to get it. */
export interface Lacks {
  readonly lacks: readonly string[];
}

/** Where a run is to go, and what it needs there. */
export interface Destination {
  /** As in `--host`. */
  readonly host: string;
  readonly needs: Needs;
  /** The case folder. */
  readonly place: string;
  readonly scratch: string;
}

/** Connects to a host and looks whether it has what the run needs. The caller disposes of the target. */
export async function hostOfRun(to: Destination, signal: AbortSignal): Promise<HostOfRun | Lacks> {
  using limit = timeLimit(signal, 30_000);
  const reached = await reach(to, limit.signal);
  if ("lacks" in reached) return reached;
  const looked = await lookAt(reached, to, limit.signal, signal).catch(async (error: unknown) => {
    await reached[Symbol.asyncDispose]();
    if (error instanceof StepFailure) return { lacks: [lack({ text: error.message, remedy: error.remedy })] };
    if (limit.signal.aborted) return cutShort(to, signal);
    throw error;
  });
  if ("lacks" in looked) await reached[Symbol.asyncDispose]();
  return looked;
}

async function lookAt(
  target: Target,
  { host, needs, place }: Destination,
  connecting: AbortSignal,
  signal: AbortSignal,
): Promise<HostOfRun | Lacks> {
  const facts = await target.facts(connecting);
  const { checks, found: tools } = await preflight({ target, facts, needs, place, thorough: false }, connecting);
  // What was cut short would read as missing.
  if (connecting.aborted) return cutShort({ host }, signal);
  const missing = checks.filter(({ state }) => state === "missing");
  return missing.length > 0 ? { lacks: missing.map(lack) } : { target, facts, tools };
}

async function reach({ host, scratch }: Destination, signal: AbortSignal): Promise<Target | Lacks> {
  try {
    return await connectTarget(host, { signal, scratch });
  } catch (error) {
    if (error instanceof TargetUnavailable) return { lacks: [error.message] };
    if (error instanceof StepFailure) return { lacks: [lack({ text: error.message, remedy: error.remedy })] };
    if (signal.aborted) return { lacks: [unanswered(host)] };
    throw error;
  }
}

/** Nobody has to be told that it was interrupted. */
const cutShort = ({ host }: Pick<Destination, "host">, signal: AbortSignal): Lacks => ({
  lacks: signal.aborted ? [] : [unanswered(host)],
});

const unanswered = (host: string): string => `${host} could not be reached: no answer before it was given up`;

const lack = ({ text, remedy }: Pick<Check, "text" | "remedy">): string =>
  remedy === null ? text : `${text}; ${remedy}`;
