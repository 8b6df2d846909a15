import { DelveError } from "../../delve/rpc/json-rpc.js";
import type { Breakpoint } from "../../delve/rpc/protocol.js";
import { resolve } from "../../delve/session/locations.js";
import type { DelveSession } from "../../delve/session/session.js";
import { StepFailure } from "../../model/step-kind.js";
import { registersToCollect } from "./results.js";
import { callerDepth } from "./spec.js";

/** Places where the program stops for us. */
export interface Site {
  readonly id: number;
  readonly kind: "entry" | "return";
  /** As the author wrote it. */
  readonly at: string;
  /** null: not the entry of a function. */
  readonly function: string | null;
  /** Hits that were processed, and how many Delve has counted. */
  seen: number;
  counted: number;
}

export interface Wanted {
  readonly at: readonly string[];
  readonly where: string | undefined;
  readonly read: readonly string[];
  readonly stack: number;
}

/** The breakpoints of one catch, and whether every hit that Delve has counted was seen. */
export class Sites {
  readonly #session: DelveSession;
  readonly #wanted: Wanted;
  readonly #sites = new Map<number, Site>();
  #lost = 0;

  constructor(session: DelveSession, wanted: Wanted) {
    this.#session = session;
    this.#wanted = wanted;
  }

  /** Hits that Delve has counted and nobody has seen. */
  get lost(): number {
    return [...this.#sites.values()].reduce((sum, site) => sum + Math.max(0, site.counted - site.seen), this.#lost);
  }

  get entries(): readonly Site[] {
    return [...this.#sites.values()].filter(({ kind }) => kind === "entry");
  }

  /** The site of a breakpoint, which has been hit; null: it is not ours. */
  hit(breakpoint: Breakpoint): Site | null {
    const site = this.#sites.get(breakpoint.id);
    if (site === undefined) return null;
    site.seen++;
    site.counted = Math.max(site.counted, breakpoint.totalHitCount);
    return site;
  }

  /** Sets a breakpoint at each place. @throws StepFailure when there is none, or one stands there already */
  async watchEntries(signal: AbortSignal): Promise<void> {
    const { at, where = "", read, stack } = this.#wanted;
    const taken = new Set<string>();
    // Of a stripped program Delve finds no goroutines, and collects nothing at all when it is asked for one.
    const goroutine = this.#session.debugInformation;
    for (const text of at) {
      const isLine = /:\d+$/.test(text);
      for (const place of await resolve(this.#session.client, text, signal)) {
        const addrs = (await this.#session.stacks.stopsFor(place, signal)).filter((each) => !taken.has(each));
        if (addrs.length === 0) continue;
        for (const each of addrs) taken.add(each);
        const stacktrace = Math.max(stack, callerDepth) - 1;
        const made = await this.#create(text, { addrs, Cond: where, goroutine, stacktrace, variables: read }, signal);
        this.#add(made, "entry", text, isLine ? null : (place.function?.name ?? null));
      }
    }
  }

  /** Whether returns of a function are watched. */
  watchesReturns(name: string): boolean {
    return [...this.#sites.values()].some((site) => site.kind === "return" && site.function === name);
  }

  /** Sets breakpoints where a function returns; one that never does has none. */
  async watchReturns(name: string, signal: AbortSignal): Promise<void> {
    if (this.watchesReturns(name)) return;
    const addrs = await this.#session.client.functionReturns(name, signal);
    if (addrs.length === 0) return;
    const collect = { goroutine: false, stacktrace: 1, variables: registersToCollect };
    this.#add(
      await this.#create(`the return of ${name}`, { addrs, Cond: "", ...collect }, signal),
      "return",
      name,
      name,
    );
  }

  /**
   * Removes the breakpoints of one kind, or all.
   * @throws DelveError the first refusal, when all were tried
   */
  async clear(kind: Site["kind"] | null, signal: AbortSignal): Promise<void> {
    let refused: DelveError | null = null;
    for (const site of [...this.#sites.values()]) {
      if (kind !== null && site.kind !== kind) continue;
      try {
        const { totalHitCount } = await this.#session.client.clearBreakpoint(site.id, signal);
        this.#sites.delete(site.id);
        this.#lost += Math.max(0, Math.max(site.counted, totalHitCount) - site.seen);
      } catch (error) {
        if (!(error instanceof DelveError)) throw error;
        refused ??= error;
      }
    }
    if (refused !== null) throw refused;
  }

  #add({ id, totalHitCount }: Breakpoint, kind: Site["kind"], at: string, name: string | null): void {
    this.#sites.set(id, { id, kind, at, function: name, seen: totalHitCount, counted: totalHitCount });
  }

  async #create(
    what: string,
    wanted: Parameters<DelveSession["client"]["createBreakpoint"]>[0],
    signal: AbortSignal,
  ): Promise<Breakpoint> {
    try {
      return await this.#session.client.createBreakpoint(wanted, signal);
    } catch (error) {
      if (!(error instanceof DelveError)) throw error;
      if (!/Breakpoint exists/i.test(error.message))
        throw new StepFailure(`${what}: ${error.message}`, { cause: error });
      throw new StepFailure(`a breakpoint of a debug step stands at ${what} already`, {
        remedy: `clear it first: debug: [clear: ${what}]`,
        cause: error,
      });
    }
  }
}
