import { DelveError } from "../rpc/json-rpc.js";
import type { LoadConfig } from "../rpc/protocol.js";
import type { DelveClient } from "../rpc/rpc-client.js";
import type { RuntimeTypes } from "./runtime-types.js";
import type { Leaf, Shapes } from "./shape.js";
import { toTree, type ValueTree } from "./value-tree.js";

/** Where a value is read, and with what. */
export interface Reading {
  readonly client: DelveClient;
  readonly types: RuntimeTypes;
  readonly shapes: Shapes;
  /** The one that returns. */
  readonly goroutine: number;
  readonly load: LoadConfig;
  readonly signal: AbortSignal;
}

const here = { GoroutineID: -1, Frame: 0 };

export const amd64Only = "results of optimized code are read on amd64 only";

/** null: this machine has no such register. */
export async function register(
  expression: string,
  { client, goroutine, load, signal }: Reading,
): Promise<bigint | null> {
  try {
    const { value } = await client.eval({ GoroutineID: goroutine, Frame: 0 }, expression, load, signal);
    return /^\d+$/.test(value) ? BigInt(value) : null;
  } catch (error) {
    if (error instanceof DelveError) return null;
    throw error;
  }
}

/** What lies at an address, read as a value of a type. */
export async function valueAt(type: string, address: bigint, { client, load, signal }: Reading): Promise<ValueTree> {
  return toTree(await client.eval(here, `*(*${JSON.stringify(type)})(${hexadecimal(address)})`, load, signal), load);
}

/** Delve reads a converted pointer no further than its address, so what it leads to is read by that type's name. */
export async function pointer({ type, of }: Leaf, address: bigint, reading: Reading): Promise<ValueTree> {
  if (address === 0n) return { kind: "nil", type };
  if (of === null) return unreadable(type, `to what ${type} points is not known`);
  return { kind: "pointer", type, address: hexadecimal(address), to: await valueAt(of, address, reading) };
}

/** A function's word leads to what it closes over, which begins with where its code is. */
export async function func(type: string, word: bigint, { client, signal }: Reading): Promise<ValueTree> {
  if (word === 0n) return { kind: "nil", type };
  const code = (await client.memory(String(word), 8, signal)).readBigUInt64LE();
  const [place] = await client.findLocation(here, `*${hexadecimal(code)}`, signal);
  return { kind: "opaque", type, text: place?.function?.name ?? hexadecimal(code) };
}

/** Around the stack pointer, where a function leaves what it worked with; Delve gives at most 1000 bytes at once. */
const stackBytes = { below: 960n, length: 992 } as const;

/**
 * Delve reads a map and a channel by the word that leads to it, and only where that lies in memory. Any place will do that holds the
 * same word, and the stack almost always has one: the function has just made it, or was given it.
 */
export async function viaStack(type: string, word: bigint, reading: Reading): Promise<ValueTree> {
  if (word === 0n) return { kind: "nil", type };
  const stackPointer = await register("RSP", reading);
  if (stackPointer === null) return unreadable(type, amd64Only);
  const start = stackPointer - stackBytes.below;
  const stack = await reading.client.memory(String(start), stackBytes.length, reading.signal);
  for (let at = 0; at + 8 <= stack.length; at += 8) {
    if (stack.readBigUInt64LE(at) === word) return await valueAt(type, start + BigInt(at), reading);
  }
  return unreadable(type, `it is at ${hexadecimal(word)}, where Delve cannot read it from a register alone`);
}

export async function text(
  type: string,
  address: bigint,
  length: number,
  { client, load, signal }: Reading,
): Promise<ValueTree> {
  const loaded = Math.min(length, load.MaxStringLen);
  const bytes = loaded === 0 ? Buffer.alloc(0) : await client.memory(String(address), loaded, signal);
  return { kind: "string", type, text: bytes.toString("utf8"), omitted: length - loaded };
}

export async function slice({ type, of }: Leaf, address: bigint, length: number, reading: Reading): Promise<ValueTree> {
  if (address === 0n) return { kind: "nil", type };
  if (of === null) return unreadable(type, `of what ${type} is a list is not known`);
  const loaded = Math.min(length, reading.load.MaxArrayValues);
  if (loaded === 0) return { kind: "list", type, length, items: [] };
  const array = await valueAt(`[${loaded}]${of}`, address, reading);
  return array.kind === "list" ? { ...array, type, length } : array;
}

/** Delve tells the width of a number by its type alone, and a register has more bits than that: those do not count. */
export async function integer(type: string, word: bigint, { client, load, signal }: Reading): Promise<ValueTree> {
  const [whole, unsigned, bits = "64"] = /^(u?)int(8|16|32|64)?$/.exec(type) ?? [];
  if (type === "uintptr") return { kind: "opaque", type, text: hexadecimal(word) };
  if (whole === undefined) {
    const converted = `(${JSON.stringify(type)})(${BigInt.asIntN(64, word)})`;
    return toTree(await client.eval(here, converted, load, signal), load);
  }
  const value = unsigned === "" ? BigInt.asIntN(Number(bits), word) : BigInt.asUintN(Number(bits), word);
  return { kind: "number", type, text: String(value), name: null };
}

export const unreadable = (type: string, why: string): ValueTree => ({ kind: "unreadable", type, why });

export const hexadecimal = (value: bigint): string => `0x${value.toString(16)}`;
