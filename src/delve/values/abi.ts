import type { Variable } from "../rpc/protocol.js";
import { reflectKind } from "./value-tree.js";

/**
 * Integer registers in which a function of Go 1.17 or newer returns, in order, as Delve names them.
 * https://go.googlesource.com/go/+/refs/heads/master/src/cmd/compile/abi-internal.md#amd64-architecture
 */
export const resultRegisters = ["RAX", "RBX", "RCX", "RDI", "RSI", "R8", "R9", "R10", "R11"] as const;

export type ResultRegister = (typeof resultRegisters)[number];

/** Registers of one result, or why it is in none that are read. */
export type Assigned = { readonly registers: readonly ResultRegister[] } | { readonly why: string };

/** How many words a result takes; null: what it takes depends on more than its kind. */
function words(kind: number): number | null {
  switch (kind) {
    case reflectKind.string:
    case reflectKind.interface:
      return 2;
    case reflectKind.slice:
      return 3;
    case reflectKind.struct:
    case reflectKind.array:
    case reflectKind.invalid:
      return null;
    default:
      return 1;
  }
}

const inFloatRegister = (kind: number): boolean => kind >= reflectKind.float32 && kind <= reflectKind.complex128;

/** In which registers an optimized function on amd64 leaves its results. @param results in the order of the declaration */
export function assignResults(results: readonly Pick<Variable, "kind" | "type">[]): readonly Assigned[] {
  let next = 0;
  let unknown: string | null = null;
  return results.map(({ kind, type }): Assigned => {
    if (inFloatRegister(kind)) return { why: "it is returned in a floating-point register" };
    const size = words(kind);
    unknown ??= size === null ? type : null;
    if (unknown !== null || size === null) return { why: `which registers ${unknown} takes is not known` };
    if (next + size > resultRegisters.length) return { why: "it is returned on the stack" };
    const registers = resultRegisters.slice(next, next + size);
    next += size;
    return { registers };
  });
}
