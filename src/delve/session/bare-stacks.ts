import { DelveError } from "../rpc/json-rpc.js";
import type { Location } from "../rpc/protocol.js";
import type { DelveClient } from "../rpc/rpc-client.js";

const here = { GoroutineID: -1, Frame: 0 };

/** The test whether the stack is large enough, with which a Go function begins on amd64; behind it nothing has been changed yet. */
const stackCheck = /^(?:493b6610|4c8d6424..4d3b6610|4c8da424.{8}4d3b6610)(?:76..|0f86.{8})/;
const stackCheckBytes = 24;

/**
 * Stacks of a program without debug information. Delve walks them by frame pointers, which a function sets only behind its entry: its
 * direct caller is missing there. And it looks up no lines above the innermost frame, though the program's own tables have them.
 */
export class BareStacks {
  readonly #client: DelveClient;
  /** Addresses where a function has been called, and has not set its frame pointer. */
  readonly #entries = new Set<string>();
  readonly #callers = new Map<bigint, Location | null>();

  constructor(client: DelveClient) {
    this.#client = client;
  }

  /**
   * Where a call stops exactly once: behind the test of the stack, since a stack that is too small is replaced by a larger one and
   * the function begun again.
   */
  async entry(address: string, signal: AbortSignal): Promise<string> {
    const code = await this.#client.memory(address, stackCheckBytes, signal);
    const check = stackCheck.exec(code.toString("hex"))?.[0] ?? "";
    const behind = String(BigInt(address) + BigInt(check.length / 2));
    this.#entries.add(behind);
    return behind;
  }

  /** The stack of the current thread, innermost frame first. */
  async of(
    thread: { readonly id: number; readonly pc: string },
    depth: number,
    signal: AbortSignal,
  ): Promise<readonly Location[]> {
    // Below the start of a goroutine there is a frame without a function.
    const found = (await this.#client.stacktrace(-1, depth, signal)).filter((place) => place.function !== null);
    const [top, ...callers] = found;
    if (top === undefined) return [];
    const addresses = callers.map(({ pc }) => BigInt(pc));
    if (this.#entries.has(thread.pc)) {
      const stackPointer = (await this.#client.registers(thread.id, signal)).get("RSP");
      const caller = stackPointer === undefined ? null : await this.#word(stackPointer, signal);
      if (caller !== null && caller !== addresses[0]) addresses.unshift(caller);
    }
    const places: Location[] = [top];
    for (const address of addresses.slice(0, depth - 1)) {
      const place = await this.#callerAt(address, signal);
      places.push(
        place ?? callers.find(({ pc }) => BigInt(pc) === address) ?? { ...top, pc: String(address), function: null },
      );
    }
    return places;
  }

  async #word(at: bigint, signal: AbortSignal): Promise<bigint> {
    return (await this.#client.memory(String(at), 8, signal)).readBigUInt64LE();
  }

  /** The call is what stands before the address to which it returns. null: Delve does not know. */
  async #callerAt(address: bigint, signal: AbortSignal): Promise<Location | null> {
    const known = this.#callers.get(address);
    if (known !== undefined) return known;
    const found = await this.#lookUp(address - 1n, signal);
    const place = found === null ? null : { ...found, pc: String(address) };
    this.#callers.set(address, place);
    return place;
  }

  async #lookUp(address: bigint, signal: AbortSignal): Promise<Location | null> {
    try {
      const [place] = await this.#client.findLocation(here, `*0x${address.toString(16)}`, signal);
      return place === undefined || place.function === null || place.line <= 0 ? null : place;
    } catch (error) {
      if (error instanceof DelveError) return null;
      throw error;
    }
  }
}
