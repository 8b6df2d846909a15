import { DelveError } from "../rpc/json-rpc.js";
import type { Variable } from "../rpc/protocol.js";
import { assignResults, type Place } from "./abi.js";
import { complexText, floatOf, floatText } from "./float-values.js";
import type { Leaf } from "./shape.js";
import { reflectKind, type ValueTree } from "./value-tree.js";
import {
  amd64Only,
  func,
  hexadecimal,
  integer,
  pointer,
  type Reading,
  register,
  slice,
  text,
  unreadable,
  valueAt,
  viaStack,
} from "./word-values.js";

/** What the registers held, by Delve's names. */
export type RegisterFile = ReadonlyMap<string, bigint>;

/**
 * The results of a function that stands at its return, from the registers: in optimized code their places are not described.
 * @param declared the results as Delve declares them; of each only kind and type are used
 * @param integers the integer registers; others are read when a result needs them
 */
export async function fromRegisters(
  declared: readonly Variable[],
  integers: RegisterFile,
  reading: Reading,
): Promise<readonly ValueTree[]> {
  const shapes = [];
  for (const each of declared) shapes.push(await reading.shapes.of(each, reading.signal));
  const trees: ValueTree[] = [];
  for (const place of assignResults(shapes)) trees.push(await fromPlace(place, integers, reading));
  return trees;
}

async function fromPlace(place: Place, integers: RegisterFile, reading: Reading): Promise<ValueTree> {
  switch (place.kind) {
    case "registers":
      return await fromWords(place.leaf, await wordsIn(place, integers, reading), reading);
    case "struct": {
      const fields = [];
      for (const { name, place: each } of place.fields)
        fields.push({ name, value: await fromPlace(each, integers, reading) });
      return { kind: "struct", type: place.type, fields };
    }
    case "array": {
      const items: ValueTree[] = [];
      for (const each of place.items) items.push(await fromPlace(each, integers, reading));
      return { kind: "list", type: place.type, length: items.length, items };
    }
    case "elsewhere":
      return unreadable(place.type, place.why);
    default:
      return place satisfies never;
  }
}

async function wordsIn(
  { registers }: Extract<Place, { kind: "registers" }>,
  integers: RegisterFile,
  reading: Reading,
): Promise<readonly bigint[] | null> {
  const words: bigint[] = [];
  for (const name of registers) {
    const word = name.startsWith("XMM") ? await register(`${name}.uint64[0]`, reading) : (integers.get(name) ?? null);
    if (word === null) return null;
    words.push(word);
  }
  return words;
}

async function fromWords(leaf: Leaf, words: readonly bigint[] | null, reading: Reading): Promise<ValueTree> {
  const { type } = leaf;
  if (words === null) return unreadable(type, amd64Only);
  const [first = 0n, second = 0n] = words;
  try {
    switch (leaf.reflect) {
      case reflectKind.bool:
        return { kind: "bool", type, value: (first & 1n) === 1n };
      case reflectKind.float32:
        return { kind: "number", type, text: floatText(floatOf(first, 32), 32), name: null };
      case reflectKind.float64:
        return { kind: "number", type, text: floatText(floatOf(first, 64), 64), name: null };
      case reflectKind.complex64:
        return { kind: "opaque", type, text: complexText(floatOf(first, 32), floatOf(second, 32)) };
      case reflectKind.complex128:
        return { kind: "opaque", type, text: complexText(floatOf(first, 64), floatOf(second, 64)) };
      case reflectKind.string:
        return await text(type, first, Number(second), reading);
      case reflectKind.interface:
        return await held(type, first, second, reading);
      case reflectKind.slice:
        return await slice(leaf, first, Number(second), reading);
      case reflectKind.pointer:
        return await pointer(leaf, first, reading);
      case reflectKind.map:
      case reflectKind.chan:
        return await viaStack(type, first, reading);
      case reflectKind.func:
        return await func(type, first, reading);
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

async function held(type: string, word: bigint, data: bigint, reading: Reading): Promise<ValueTree> {
  if (word === 0n) return { kind: "nil", type };
  const hasMethods = !["interface {}", "any"].includes(type);
  const found = await reading.types.held(String(word), hasMethods, reading.signal);
  if (found === null) return unreadable(type, "the program does not say what type it holds");
  const { name, kind, direct } = found;
  if (!direct) return { kind: "interface", type, holds: await valueAt(name, data, reading) };
  // One word is the whole value: it lies as if it were the only result.
  const [place] = assignResults([await reading.shapes.of({ type: name, kind }, reading.signal)]);
  const holds = place === undefined ? null : await fromPlace(place, new Map([["RAX", data]]), reading);
  return holds === null ? unreadable(type, amd64Only) : { kind: "interface", type, holds };
}
