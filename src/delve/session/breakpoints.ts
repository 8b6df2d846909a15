import type { Thread, Variable } from "../rpc/protocol.js";
import type { DelveClient } from "../rpc/rpc-client.js";
import { listed } from "../values/value-tree.js";
import { type Frame, toFrame } from "./frames.js";

/** What Delve reads at a breakpoint before it tells of the stop, so that nothing has to be asked while the program stands. */
export interface Collecting {
  /** Frames of the stack; 0: none. */
  readonly stack: number;
  /** The function's arguments, as `listed` says. */
  readonly arguments: boolean;
}

const nothing: Collecting = { stack: 0, arguments: false };

interface Placed {
  readonly id: number;
  readonly where: string;
  readonly collecting: Collecting;
}

/** The breakpoints that steps have set, by their location as written. */
export class Breakpoints {
  readonly #client: DelveClient;
  readonly #set = new Map<string, Placed>();

  constructor(client: DelveClient) {
    this.#client = client;
  }

  get locations(): readonly string[] {
    return [...this.#set.keys()];
  }

  get(location: string): { readonly id: number; readonly where: string } | null {
    return this.#set.get(location) ?? null;
  }

  /** Gives Delve's number of it, and where it says that it stands: of several places no single one. */
  async create(location: string, addresses: readonly string[], where: string, signal: AbortSignal) {
    const made = await this.#client.createBreakpoint({ addrs: addresses, Cond: where }, signal);
    this.#set.set(location, { id: made.id, where, collecting: nothing });
    return made;
  }

  /** Gives the one at a location another condition. */
  async amend(location: string, where: string, signal: AbortSignal): Promise<void> {
    const found = this.#set.get(location);
    if (found !== undefined) await this.#amend(location, { ...found, where }, signal);
  }

  async clear(location: string, signal: AbortSignal): Promise<void> {
    const found = this.#set.get(location);
    if (found === undefined) return;
    await this.#client.clearBreakpoint(found.id, signal);
    this.#set.delete(location);
  }

  /** From the next stop on this much is collected at each. */
  async collect(wanted: Collecting, signal: AbortSignal): Promise<void> {
    const others = [...this.#set].filter(
      ([, { collecting }]) => collecting.stack !== wanted.stack || collecting.arguments !== wanted.arguments,
    );
    await Promise.all(others.map(([at, found]) => this.#amend(at, { ...found, collecting: wanted }, signal)));
  }

  /** The stack of a thread that stands at one of them; null: not as much was collected. */
  stackAt(thread: Thread, depth: number): readonly Frame[] | null {
    const frames = thread.breakPointInfo?.stacktrace ?? [];
    return frames.length > 0 && (this.#at(thread)?.stack ?? 0) >= depth ? frames.slice(0, depth).map(toFrame) : null;
  }

  /** The arguments of the function in which a thread stands at one of them; null: they were not collected. */
  argumentsAt(thread: Thread): readonly Variable[] | null {
    return this.#at(thread)?.arguments === true ? (thread.breakPointInfo?.arguments ?? null) : null;
  }

  #at({ breakPoint }: Thread): Collecting | null {
    return [...this.#set.values()].find(({ id }) => id === breakPoint?.id)?.collecting ?? null;
  }

  async #amend(location: string, { id, where, collecting }: Placed, signal: AbortSignal): Promise<void> {
    const collected = {
      // Delve counts the frames below the innermost one, and collects none for 0.
      ...(collecting.stack > 1 && { stacktrace: collecting.stack - 1 }),
      ...(collecting.arguments && { LoadArgs: listed }),
    };
    await this.#client.amendBreakpoint(id, { Cond: where, ...collected }, signal);
    this.#set.set(location, { id, where, collecting });
  }
}
