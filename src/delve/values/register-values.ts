import { DelveError } from "../rpc/json-rpc.js";
import type { LoadConfig, Variable } from "../rpc/protocol.js";
import { type DelveClient } from "../rpc/rpc-client.js";
import { assignResults, type ResultRegister } from "./abi.js";
import type { RuntimeTypes } from "./runtime-types.js";
import { reflectKind, toTree, type ValueTree } from "./value-tree.js";

/** What the registers held, by Delve's names. */
export type RegisterFile = ReadonlyMap<string, bigint>;

/** Where a value is read, and with what. */
export interface Reading {
  readonly client: DelveClient;
  readonly types: RuntimeTypes;
  readonly load: LoadConfig;
  readonly signal: AbortSignal;
}

const here = { GoroutineID: -1, Frame: 0 };

/**
 * The results of a function that stands at its return, from the registers: in optimized code their places are not described.
 * @param declared the results as Delve declares them; of each only kind and type are used
 */
export async function fromRegisters(
  declared: readonly Variable[],
  file: RegisterFile,
  reading: Reading,
): Promise<readonly ValueTree[]> {
  const trees: ValueTree[] = [];
  for (const [index, assigned] of assignResults(declared).entries()) {
    const result = declared[index];
    if (result === undefined) continue;
    if ("why" in assigned) trees.push(unreadable(result.type, assigned.why));
    else trees.push(await fromWords(result, wordsIn(assigned.registers, file), reading));
  }
  return trees;
}

const wordsIn = (registers: readonly ResultRegister[], file: RegisterFile): readonly bigint[] | null => {
  const words = registers.map((name) => file.get(name));
  return words.every((word) => word !== undefined) ? words : null;
};

async function fromWords(result: Variable, words: readonly bigint[] | null, reading: Reading): Promise<ValueTree> {
  const { type, kind } = result;
  if (words === null) return unreadable(type, "results of optimized code are read on amd64 only");
  const [first = 0n, second = 0n] = words;
  try {
    switch (kind) {
      case reflectKind.bool:
        return { kind: "bool", type, value: (first & 1n) === 1n };
      case reflectKind.string:
        return await text(type, first, Number(second), reading);
      case reflectKind.interface:
        return await held(result, first, second, reading);
      case reflectKind.slice:
        return await slice(result, first, Number(second), reading);
      case reflectKind.pointer:
        return await pointer(type, first, reading);
      case reflectKind.map:
        return first === 0n ? { kind: "nil", type } : unreadable(type, "a map in a register is not read");
      case reflectKind.chan:
      case reflectKind.func:
      case reflectKind.unsafePointer:
        return first === 0n ? { kind: "nil", type } : { kind: "opaque", type, text: hexadecimal(first) };
      default:
        return await integer(type, first, reading);
    }
  } catch (error) {
    if (error instanceof DelveError) return unreadable(type, error.message);
    throw error;
  }
}

/** What lies at an address, by the name of a pointer's type: Delve reads a converted pointer no further than its address. */
async function pointee(pointer: string, address: bigint, { client, load, signal }: Reading): Promise<ValueTree> {
  const expression = `*(${JSON.stringify(pointer)})(${hexadecimal(address)})`;
  return toTree(await client.eval(here, expression, load, signal), load);
}

async function pointer(type: string, address: bigint, reading: Reading): Promise<ValueTree> {
  if (address === 0n) return { kind: "nil", type };
  return { kind: "pointer", type, address: hexadecimal(address), to: await pointee(type, address, reading) };
}

async function held(result: Variable, word: bigint, data: bigint, reading: Reading): Promise<ValueTree> {
  const { type } = result;
  if (word === 0n) return { kind: "nil", type };
  const hasMethods = !["interface {}", "any"].includes(underlying(result));
  const found = await reading.types.held(String(word), hasMethods, reading.signal);
  if (found === null) return unreadable(type, "the program does not say what type it holds");
  const { name, isPointer, direct } = found;
  if (isPointer) return { kind: "interface", type, holds: await pointer(name, data, reading) };
  if (direct) return unreadable(type, `a ${name} in a register is not read`);
  return { kind: "interface", type, holds: await pointee(`*${name}`, data, reading) };
}

async function text(
  type: string,
  address: bigint,
  length: number,
  { client, load, signal }: Reading,
): Promise<ValueTree> {
  const loaded = Math.min(length, load.MaxStringLen);
  const bytes = loaded === 0 ? Buffer.alloc(0) : await client.memory(String(address), loaded, signal);
  return { kind: "string", type, text: bytes.toString("utf8"), omitted: length - loaded };
}

async function slice(result: Variable, address: bigint, length: number, reading: Reading): Promise<ValueTree> {
  const { type } = result;
  if (address === 0n) return { kind: "nil", type };
  const element = /^\[\](.*)$/s.exec(underlying(result))?.[1];
  if (element === undefined) return unreadable(type, `of what ${type} is a list is not known`);
  const loaded = Math.min(length, reading.load.MaxArrayValues);
  if (loaded === 0) return { kind: "list", type, length, items: [] };
  const array = await pointee(`*[${loaded}]${element}`, address, reading);
  return array.kind === "list" ? { ...array, type, length } : array;
}

/** Delve tells the width of a number by its type alone: every signed one has the kind of `int`. */
async function integer(type: string, word: bigint, { client, load, signal }: Reading): Promise<ValueTree> {
  const [whole, unsigned, bits = "64"] = /^(u?)int(8|16|32|64)?$/.exec(type) ?? [];
  if (type === "uintptr") return { kind: "opaque", type, text: hexadecimal(word) };
  if (whole === undefined) {
    const converted = `(${JSON.stringify(type)})(${BigInt.asIntN(64, word)})`;
    return toTree(await client.eval(here, converted, load, signal), load);
  }
  const value = unsigned === "" ? BigInt.asIntN(Number(bits), word) : BigInt.asUintN(Number(bits), word);
  return { kind: "number", type, text: String(value), name: null };
}

/** The type below all names. */
const underlying = ({ type, realType }: Variable): string => (realType === "" ? type : realType);

const unreadable = (type: string, why: string): ValueTree => ({ kind: "unreadable", type, why });

const hexadecimal = (value: bigint): string => `0x${value.toString(16)}`;
