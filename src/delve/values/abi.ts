import type { Leaf, Shape } from "./shape.js";
import { reflectKind } from "./value-tree.js";

/**
 * Registers in which a function of Go 1.17 or newer returns on amd64, in order, as Delve names them.
 * https://go.googlesource.com/go/+/refs/heads/master/src/cmd/compile/abi-internal.md#amd64-architecture
 */
export const integerRegisters = ["RAX", "RBX", "RCX", "RDI", "RSI", "R8", "R9", "R10", "R11"] as const;
export const floatRegisters: readonly string[] = Array.from({ length: 15 }, (_, index) => `XMM${index}`);

/** Where a result is: its words in registers, part by part, or why it is in none that are read. */
export type Place =
  | { readonly kind: "registers"; readonly leaf: Leaf; readonly registers: readonly string[] }
  | { readonly kind: "struct"; readonly type: string; readonly fields: readonly NamedPlace[] }
  | { readonly kind: "array"; readonly type: string; readonly items: readonly Place[] }
  | { readonly kind: "elsewhere"; readonly type: string; readonly why: string };

export interface NamedPlace {
  readonly name: string;
  readonly place: Place;
}

/** How many registers of each sort are taken. */
interface Taken {
  readonly integers: number;
  readonly floats: number;
}

/** In which registers an optimized function on amd64 leaves its results. @param results in the order of the declaration */
export function assignResults(results: readonly Shape[]): readonly Place[] {
  let taken: Taken = { integers: 0, floats: 0 };
  let unknown: string | null = null;
  return results.map((shape): Place => {
    const { type } = shape;
    unknown ??= unknownIn(shape);
    if (unknown !== null) return { kind: "elsewhere", type, why: `which registers ${unknown} takes is not known` };
    const assigned = assign(shape, taken);
    if (assigned === null) return { kind: "elsewhere", type, why: "it is returned on the stack" };
    taken = assigned.taken;
    return assigned.place;
  });
}

function unknownIn(shape: Shape): string | null {
  switch (shape.kind) {
    case "leaf":
      return null;
    case "struct":
      return shape.fields.map((field) => unknownIn(field.shape)).find((type) => type !== null) ?? null;
    case "array":
      return shape.element === null ? null : unknownIn(shape.element);
    case "unknown":
      return shape.type;
    default:
      return shape satisfies never;
  }
}

interface Assigned {
  readonly place: Place;
  readonly taken: Taken;
}

/** null: it does not fit as a whole, and takes no register at all. */
function assign(shape: Shape, taken: Taken): Assigned | null {
  switch (shape.kind) {
    case "leaf":
      return assignLeaf(shape, taken);
    case "struct": {
      const fields: NamedPlace[] = [];
      let next = taken;
      for (const { name, shape: each } of shape.fields) {
        const assigned = assign(each, next);
        if (assigned === null) return null;
        fields.push({ name, place: assigned.place });
        next = assigned.taken;
      }
      return { place: { kind: "struct", type: shape.type, fields }, taken: next };
    }
    case "array": {
      if (shape.length === 0) return { place: { kind: "array", type: shape.type, items: [] }, taken };
      const assigned = shape.element === null ? null : assign(shape.element, taken);
      if (assigned === null) return null;
      return { place: { kind: "array", type: shape.type, items: [assigned.place] }, taken: assigned.taken };
    }
    case "unknown":
      return null;
    default:
      return shape satisfies never;
  }
}

function assignLeaf(leaf: Leaf, taken: Taken): Assigned | null {
  const { integers, floats } = wordsOf(leaf.reflect);
  const next = { integers: taken.integers + integers, floats: taken.floats + floats };
  if (next.integers > integerRegisters.length || next.floats > floatRegisters.length) return null;
  const registers = [
    ...integerRegisters.slice(taken.integers, next.integers),
    ...floatRegisters.slice(taken.floats, next.floats),
  ];
  return { place: { kind: "registers", leaf, registers }, taken: next };
}

function wordsOf(kind: number): Taken {
  switch (kind) {
    case reflectKind.string:
    case reflectKind.interface:
      return { integers: 2, floats: 0 };
    case reflectKind.slice:
      return { integers: 3, floats: 0 };
    case reflectKind.float32:
    case reflectKind.float64:
      return { integers: 0, floats: 1 };
    case reflectKind.complex64:
    case reflectKind.complex128:
      return { integers: 0, floats: 2 };
    default:
      return { integers: 1, floats: 0 };
  }
}
