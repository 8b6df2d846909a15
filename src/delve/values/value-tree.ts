import type { LoadConfig, Variable } from "../rpc/protocol.js";

/** How much of a value is read when it is asked for by name. */
export const printed: LoadConfig = {
  FollowPointers: true,
  MaxVariableRecurse: 3,
  MaxStringLen: 16_384,
  MaxArrayValues: 100,
  MaxStructFields: -1,
};

/** How much when all arguments or locals are shown. */
export const listed: LoadConfig = { ...printed, MaxVariableRecurse: 1, MaxStringLen: 1024, MaxArrayValues: 20 };

/** A Go value as Delve read it: plain JSON, from which values of the language and texts for people are made. */
export type ValueTree =
  | { readonly kind: "string"; readonly type: string; readonly text: string; readonly omitted: number }
  /** `name` is that of a declared constant. */
  | { readonly kind: "number"; readonly type: string; readonly text: string; readonly name: string | null }
  | { readonly kind: "bool"; readonly type: string; readonly value: boolean }
  | { readonly kind: "struct"; readonly type: string; readonly fields: readonly NamedTree[] }
  | { readonly kind: "list"; readonly type: string; readonly length: number; readonly items: readonly ValueTree[] }
  | {
      readonly kind: "map";
      readonly type: string;
      readonly length: number;
      readonly entries: readonly { readonly key: ValueTree; readonly value: ValueTree }[];
    }
  | { readonly kind: "pointer"; readonly type: string; readonly address: string; readonly to: ValueTree }
  | { readonly kind: "interface"; readonly type: string; readonly holds: ValueTree }
  /** A function, a channel, a bare address, a complex number: shown as a text. */
  | { readonly kind: "opaque"; readonly type: string; readonly text: string }
  | { readonly kind: "nil"; readonly type: string }
  | { readonly kind: "unreadable"; readonly type: string; readonly why: string }
  /** Deeper than was asked for. */
  | { readonly kind: "unloaded"; readonly type: string; readonly address: string };

export interface NamedTree {
  readonly name: string;
  readonly value: ValueTree;
}

/** Numbers of Go's reflect.Kind that matter here. */
export const reflectKind = {
  invalid: 0,
  bool: 1,
  int: 2,
  uint64: 11,
  float32: 13,
  float64: 14,
  complex64: 15,
  complex128: 16,
  array: 17,
  chan: 18,
  func: 19,
  interface: 20,
  map: 21,
  pointer: 22,
  slice: 23,
  string: 24,
  struct: 25,
  unsafePointer: 26,
} as const;

/** The tree of a variable that was read with `load`. */
export function toTree(found: Variable, load: LoadConfig): ValueTree {
  const { type, kind } = found;
  if (found.unreadable !== "") return { kind: "unreadable", type, why: found.unreadable };
  if (kind === reflectKind.string) {
    return { kind: "string", type, text: found.value, omitted: Math.max(0, found.len - load.MaxStringLen) };
  }
  if (kind === reflectKind.bool) return { kind: "bool", type, value: found.value === "true" };
  if (type === "uintptr") return { kind: "opaque", type, text: hexadecimal(found.value) };
  if ((kind >= reflectKind.int && kind <= reflectKind.uint64) || isFloat(kind)) return number(found);
  const [first] = found.children;
  switch (kind) {
    case reflectKind.struct:
      return struct(found, load);
    case reflectKind.array:
    case reflectKind.slice:
      return list(found, load);
    case reflectKind.map:
      return map(found, load);
    case reflectKind.pointer:
      if (first === undefined || isZero(first.addr)) return { kind: "nil", type };
      return { kind: "pointer", type, address: hexadecimal(first.addr), to: pointee(first, load) };
    case reflectKind.interface:
      if (first === undefined || first.kind === reflectKind.invalid) return { kind: "nil", type };
      return { kind: "interface", type, holds: pointee(first, load) };
    case reflectKind.unsafePointer:
      if (first === undefined || isZero(first.addr)) return { kind: "nil", type };
      return { kind: "opaque", type, text: hexadecimal(first.addr) };
    case reflectKind.func:
      return found.value === "" || found.value === "nil"
        ? { kind: "nil", type }
        : { kind: "opaque", type, text: found.value };
    case reflectKind.chan:
      return channel(found);
    default:
      return { kind: "opaque", type, text: found.value };
  }
}

/** Delve writes a declared constant as `name (3)`. */
function number({ type, value }: Variable): ValueTree {
  const constant = /^(.*) \((-?\d+)\)$/s.exec(value);
  if (constant === null) return { kind: "number", type, text: value, name: null };
  return { kind: "number", type, text: constant[2] ?? value, name: constant[1] ?? null };
}

/** Delve shows a channel as the runtime's struct of it. */
function channel({ type, children }: Variable): ValueTree {
  const field = (name: string): string => children.find((child) => child.name === name)?.value ?? "?";
  if (children.length === 0) return { kind: "nil", type };
  return { kind: "opaque", type, text: `${type} ${field("qcount")}/${field("dataqsiz")}` };
}

function struct(found: Variable, load: LoadConfig): ValueTree {
  if (found.children.length === 0 && found.len > 0) return unloaded(found);
  const fields = found.children.map((field) => ({ name: field.name, value: toTree(field, load) }));
  return { kind: "struct", type: found.type, fields };
}

function list(found: Variable, load: LoadConfig): ValueTree {
  if (found.children.length === 0 && found.len > 0) return unloaded(found);
  return {
    kind: "list",
    type: found.type,
    length: found.len,
    items: found.children.map((item) => toTree(item, load)),
  };
}

function map(found: Variable, load: LoadConfig): ValueTree {
  if (found.children.length === 0 && found.len > 0) return unloaded(found);
  const entries = [];
  for (let at = 0; at + 1 < found.children.length; at += 2) {
    const [key, value] = found.children.slice(at, at + 2);
    if (key !== undefined && value !== undefined) {
      entries.push({ key: toTree(key, load), value: toTree(value, load) });
    }
  }
  return { kind: "map", type: found.type, length: found.len, entries };
}

const pointee = (found: Variable, load: LoadConfig): ValueTree =>
  found.onlyAddr ? unloaded(found) : toTree(found, load);

const unloaded = (found: Variable): ValueTree => ({
  kind: "unloaded",
  type: found.type,
  address: hexadecimal(found.addr),
});

const isFloat = (kind: number): boolean => kind === reflectKind.float32 || kind === reflectKind.float64;

const isZero = (address: string): boolean => address === "0";

const hexadecimal = (digits: string): string => (/^\d+$/.test(digits) ? `0x${BigInt(digits).toString(16)}` : digits);
