import { reflectKind } from "./value-tree.js";

/** The part of Delve's client that is needed here. */
export interface Memory {
  memory(at: string, length: number, signal: AbortSignal): Promise<Buffer>;
  eval(
    scope: { GoroutineID: number; Frame: number },
    expression: string,
    load: LoadConfig,
    signal: AbortSignal,
  ): Promise<{ readonly value: string }>;
}

/** What an interface holds: its type as Delve takes it in a conversion, and whether its data word is the value itself. */
export interface DynamicType {
  readonly name: string;
  /** Go's reflect.Kind. */
  readonly kind: number;
  /** Of pointer shape: the word in the interface is the value, not where it lies. */
  readonly direct: boolean;
}

import type { LoadConfig } from "../rpc/protocol.js";

const here = { GoroutineID: -1, Frame: 0 };
const scalar: LoadConfig = {
  FollowPointers: false,
  MaxVariableRecurse: 0,
  MaxStringLen: 0,
  MaxArrayValues: 0,
  MaxStructFields: 0,
};

/*
 * Where things lie in the runtime's type descriptors (internal/abi.Type; runtime._type before Go 1.21), on 64-bit machines:
 * https://go.googlesource.com/go/+/refs/heads/master/src/internal/abi/type.go
 */
const offsets = { flags: 20, kind: 23, name: 40, element: 48 } as const;
const itabType = 8;
const kindMask = 31;
const directKind = 32;
const flag = { uncommon: 1, extraStar: 2 } as const;

/** How long a descriptor is before its uncommon part, which names the package. */
const sizes: Readonly<Record<number, number>> = {
  [reflectKind.array]: 72,
  [reflectKind.chan]: 64,
  [reflectKind.func]: 56,
  [reflectKind.interface]: 80,
  [reflectKind.pointer]: 56,
  [reflectKind.slice]: 56,
  [reflectKind.struct]: 80,
};
const plainSize = 48;
const longestName = 512;

interface Section {
  readonly types: bigint;
  readonly end: bigint;
}

/** Reads from a program's memory what type the words of an interface say that it holds: for interfaces that exist in registers only. */
export class RuntimeTypes {
  readonly #client: Memory;
  readonly #known = new Map<string, DynamicType | null>();
  #section: Section | null = null;

  constructor(client: Memory) {
    this.#client = client;
  }

  /**
   * @param word the interface's first word, decimal: an itab's address or, for an interface without methods, a type's
   * @returns null where the program does not say
   */
  async held(word: string, hasMethods: boolean, signal: AbortSignal): Promise<DynamicType | null> {
    const key = `${hasMethods} ${word}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const address = hasMethods
      ? (await this.#read(BigInt(word) + BigInt(itabType), 8, signal)).readBigUInt64LE()
      : BigInt(word);
    const found = await this.#describe(address, signal);
    this.#known.set(key, found);
    return found;
  }

  async #describe(address: bigint, signal: AbortSignal): Promise<DynamicType | null> {
    const type = await this.#read(address, offsets.element + 8, signal);
    const direct = ((type[offsets.kind] ?? 0) & directKind) !== 0;
    if (kindOf(type) !== reflectKind.pointer) {
      const name = await this.#nameOf(address, type, signal);
      return name === null ? null : { name, kind: kindOf(type), direct };
    }
    const element = type.readBigUInt64LE(offsets.element);
    const name = await this.#nameOf(element, await this.#read(element, offsets.element + 8, signal), signal);
    return name === null ? null : { name: `*${name}`, kind: reflectKind.pointer, direct };
  }

  /** `k8s.io/klog.T`: the descriptor itself has the package's last element only. */
  async #nameOf(address: bigint, type: Buffer, signal: AbortSignal): Promise<string | null> {
    const flags = type[offsets.flags] ?? 0;
    const whole = await this.#text(address, type.readInt32LE(offsets.name), signal);
    if (whole === null) return null;
    const name = (flags & flag.extraStar) === 0 ? whole : whole.slice(1);
    const dot = name.indexOf(".");
    if ((flags & flag.uncommon) === 0 || dot === -1) return name;
    const size = sizes[kindOf(type)] ?? plainSize;
    const uncommon = await this.#read(address + BigInt(size), 4, signal);
    const path = await this.#text(address, uncommon.readInt32LE(), signal);
    return path === null || path === "" ? name : `${path}${name.slice(dot)}`;
  }

  /** A name: a byte of flags, its length as a varint, its bytes. Only types of the program itself are found, none of a plugin. */
  async #text(of: bigint, offset: number, signal: AbortSignal): Promise<string | null> {
    this.#section ??= {
      types: await this.#number("runtime.firstmoduledata.types", signal),
      end: await this.#number("runtime.firstmoduledata.etypes", signal),
    };
    const { types, end } = this.#section;
    if (of < types || of >= end) return null;
    const at = types + BigInt(offset);
    const head = await this.#read(at, 3, signal);
    const [, low = 0, high = 0] = head;
    const isLong = low >= 128;
    const length = isLong ? (low & 127) | (high << 7) : low;
    if (length > longestName) return null;
    return (await this.#read(at + (isLong ? 3n : 2n), length, signal)).toString("utf8");
  }

  async #number(expression: string, signal: AbortSignal): Promise<bigint> {
    return BigInt((await this.#client.eval(here, expression, scalar, signal)).value);
  }

  async #read(at: bigint, length: number, signal: AbortSignal): Promise<Buffer> {
    return length === 0 ? Buffer.alloc(0) : await this.#client.memory(String(at), length, signal);
  }
}

const kindOf = (type: Buffer): number => (type[offsets.kind] ?? 0) & kindMask;
