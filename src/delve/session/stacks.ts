import type { FoundLocation, Thread } from "../rpc/protocol.js";
import type { DelveClient } from "../rpc/rpc-client.js";
import { BareStacks } from "./bare-stacks.js";
import { callersOf, type Frame, sourceRoot, toFrame } from "./frames.js";

interface Stack {
  readonly frames: readonly Frame[];
  /** Its frames outside Go's standard library. */
  readonly callers: readonly Frame[];
}

/** The stacks of one program. */
export class Stacks {
  /** Of a program without debug information. */
  readonly bare: BareStacks | null;
  readonly #client: DelveClient;
  readonly #currentThread: () => Thread | null;
  #sourceRoot: string | null = null;

  /** @param currentThread the one whose stack can be read without debug information */
  constructor(client: DelveClient, debugInformation: boolean, currentThread: () => Thread | null) {
    this.bare = debugInformation ? null : new BareStacks(client);
    this.#client = client;
    this.#currentThread = currentThread;
  }

  /** A goroutine's stack, innermost frame first, with those outside Go's standard library. */
  async of(goroutine: number, depth: number, signal: AbortSignal): Promise<Stack> {
    const thread = this.#currentThread();
    const places =
      this.bare === null || thread === null
        ? // Delve counts the frames below the innermost one.
          await this.#client.stacktrace(goroutine, depth - 1, signal)
        : await this.bare.of(thread, depth, signal);
    const frames = places.map(toFrame);
    return { frames, callers: this.callersAmong(frames) };
  }

  /** Addresses at which the program stops for a place. */
  async stopsFor({ pcs, pc }: FoundLocation, signal: AbortSignal): Promise<readonly string[]> {
    const addresses = pcs.length > 0 ? pcs : [pc];
    const { bare } = this;
    return bare === null ? addresses : await Promise.all(addresses.map((each) => bare.entry(each, signal)));
  }

  /** The frames outside Go's standard library, innermost first. */
  callersAmong(frames: readonly Frame[]): readonly Frame[] {
    // Where the standard library is, stacks that reach down to the start of their goroutine tell.
    this.#sourceRoot ??= sourceRoot(frames);
    return callersOf(frames, this.#sourceRoot);
  }
}
