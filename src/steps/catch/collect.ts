import { asFailure, isLate } from "../../delve/rpc/failure.js";
import { ConnectionLost, DelveError } from "../../delve/rpc/json-rpc.js";
import { delveSession } from "../../delve/session/session.js";
import { printed } from "../../delve/values/value-tree.js";
import type { EvidenceRef } from "../../model/evidence.js";
import { type StepContext, StepFailure } from "../../model/step-kind.js";
import { Collector } from "./collector.js";
import type { CatchSpec, Ending } from "./spec.js";

/** Hits that an `until` sees: the newest. */
const untilHits = 1000;

/** When enough calls were caught, those that have not returned get this long. */
const drainMilliseconds = 2000;

/** Removing breakpoints may take this long. */
const clearMilliseconds = 10_000;

/** What to do when a condition cannot be tested in a program without debug information. */
const stripped = "the program is stripped, so a condition can name no variable of it: leave out where";

export interface Collected {
  readonly hits: EvidenceRef | null;
  readonly lost: number;
  readonly ended_by: Ending;
}

/** Collecting that has begun. */
export interface Collecting {
  readonly pid: number;
  /** Resolves when it has ended; rejects with a StepFailure when it could not go on. */
  readonly done: Promise<Collected>;
  /** Ends it, if it has not ended by itself. */
  end(by: Ending): void;
}

/**
 * Sets the breakpoints and lets the program run, in the background.
 * @param runOn whether the program runs on after enough was caught, until `end` is called
 */
export async function begin(spec: CatchSpec, context: StepContext, runOn: boolean): Promise<Collecting> {
  const session = context.inside(delveSession);
  const places = spec.at.join(", ");
  const driving = session.drive(`a catch at ${places}`, `breakpoint at ${places}`);
  const evidence = context.capture("hits.ndjson");
  const collector = new Collector(spec, session, driving, context, evidence);
  const { sites, fold, calls } = collector;
  try {
    await session.stand(context.signal);
    await sites.watchEntries(context.signal);
  } catch (error) {
    await clear();
    driving.end();
    throw asFailure(error, `catch at ${places}`);
  }

  const halt = new AbortController();
  let endedBy: Ending | null = null;
  const end = (by: Ending): void => {
    endedBy ??= by;
    halt.abort();
  };
  const aborted = (): void => end("aborted");
  context.signal.addEventListener("abort", aborted, { once: true });
  const timer = spec.for === undefined ? null : setTimeout(() => enough("for"), spec.for);
  let drain: NodeJS.Timeout | null = null;
  /** Collecting ends; with `runOn` the program is halted only to remove the breakpoints. */
  const pause = new AbortController();
  const stopping = AbortSignal.any([halt.signal, pause.signal]);
  function enough(by: Ending): void {
    endedBy ??= by;
    pause.abort();
  }

  return { pid: session.pid, done: work(), end };

  async function work(): Promise<Collected> {
    try {
      const exited = await catchAll();
      if (!exited) await clear();
      if (!exited && runOn && !halt.signal.aborted) await letRun();
      if (exited) endedBy ??= "exit";
      return await collected();
    } catch (error) {
      const failure = asFailure(error, `catch at ${places}`);
      const told = failure instanceof StepFailure ? await explained(failure, await collected()) : failure;
      // What does not answer would not clear either; its program is let go of with the session.
      if (!isLate(error)) await clear();
      throw told;
    } finally {
      context.signal.removeEventListener("abort", aborted);
      if (timer !== null) clearTimeout(timer);
      if (drain !== null) clearTimeout(drain);
      driving.end();
    }
  }

  /** Gives whether the program has ended. */
  async function catchAll(): Promise<boolean> {
    for (;;) {
      const state = await driving.advance(stopping);
      if (state.exited) return true;
      const taken = await collector.take(state);
      if (stopping.aborted) return false;
      if (drain === null && taken > 0 && isMet()) {
        await sites.clear("entry", AbortSignal.timeout(clearMilliseconds));
        drain = setTimeout(() => pause.abort(), drainMilliseconds);
      }
      if (drain !== null && calls.size === 0) return false;
    }
  }

  function isMet(): boolean {
    if (spec.count !== undefined && fold.count >= spec.count) {
      endedBy ??= "count";
      return true;
    }
    if (spec.until === undefined) return false;
    const found = context.evaluate("until", { hits: fold.latest(untilHits) });
    if (found?.kind === "error") throw new StepFailure(`until: ${found.message}`);
    if (found?.kind !== "value" || found.value !== true) return false;
    endedBy ??= "until";
    return true;
  }

  /** Runs the program past whatever breakpoints others have set, until the end is called. */
  async function letRun(): Promise<void> {
    while (!halt.signal.aborted) {
      const state = await driving.advance(halt.signal);
      if (state.exited) return;
    }
  }

  /** Where there is no program or no Delve any more there are no breakpoints either. */
  async function clear(): Promise<void> {
    if (session.exitStatus !== null) return;
    try {
      await sites.clear(null, AbortSignal.timeout(clearMilliseconds));
    } catch (error) {
      if (!(error instanceof ConnectionLost || error instanceof DelveError)) throw error;
    }
  }

  async function collected(): Promise<Collected> {
    return { hits: await evidence.close(), lost: sites.lost, ended_by: endedBy ?? "aborted" };
  }

  /** Delve tests a condition when it is met first, and of several threads says no more than that it could not. */
  async function explained(failure: StepFailure, observed: Collected): Promise<StepFailure> {
    const isCondition = spec.where !== undefined && /errors? evaluating/.test(failure.message);
    const message = isCondition ? `where ${spec.where}: ${await conditionFault(failure.message)}` : failure.message;
    const remedy = failure.remedy ?? (isCondition && !session.debugInformation ? stripped : null);
    return new StepFailure(message, { ...(remedy !== null && { remedy }), observed, cause: failure });
  }

  async function conditionFault(said: string): Promise<string> {
    const signal = AbortSignal.timeout(clearMilliseconds);
    const told = /error evaluating expression: (.*)$/s.exec(said)?.[1];
    if (told !== undefined) return told;
    for (const { goroutineID, breakPoint } of (await session.client.state(signal)).Threads) {
      if (breakPoint === null) continue;
      const scope = { GoroutineID: goroutineID, Frame: 0 };
      const refusal = await session.client.eval(scope, spec.where ?? "", printed, signal).then(
        () => null,
        (error: unknown) => error,
      );
      if (refusal instanceof DelveError) return refusal.message;
    }
    return said;
  }
}
