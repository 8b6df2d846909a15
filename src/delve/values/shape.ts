import { DelveError } from "../rpc/json-rpc.js";
import type { LoadConfig, Variable } from "../rpc/protocol.js";
import type { DelveClient } from "../rpc/rpc-client.js";
import { reflectKind } from "./value-tree.js";

/** What a type is made of, as far as that decides where a value of it is passed. */
export type Shape =
  | Leaf
  | { readonly kind: "struct"; readonly type: string; readonly fields: readonly NamedShape[] }
  /** Of more than one element, or of none, the element does not matter. */
  | { readonly kind: "array"; readonly type: string; readonly length: number; readonly element: Shape | null }
  | { readonly kind: "unknown"; readonly type: string };

/** A type that is passed as a whole: all but structs and arrays. */
export interface Leaf {
  readonly kind: "leaf";
  readonly type: string;
  /** Go's reflect.Kind. */
  readonly reflect: number;
  /** The type to which a pointer leads, or of which a list is; null where that is not known, and for any other. */
  readonly of: string | null;
}

export interface NamedShape {
  readonly name: string;
  readonly shape: Shape;
}

/** What a variable tells of its type; of one that was not read whole less. */
export function shapeOf(variable: Variable): Shape {
  const { type, kind, len, children } = variable;
  switch (kind) {
    case reflectKind.invalid:
      return { kind: "unknown", type };
    case reflectKind.struct:
      if (children.length < len) return { kind: "unknown", type };
      return { kind: "struct", type, fields: children.map((each) => ({ name: each.name, shape: shapeOf(each) })) };
    case reflectKind.array: {
      const [first] = children;
      if (len !== 1) return { kind: "array", type, length: len, element: null };
      return {
        kind: "array",
        type,
        length: 1,
        element: first === undefined ? { kind: "unknown", type } : shapeOf(first),
      };
    }
    default:
      return { kind: "leaf", type, reflect: kind, of: spelledOut(type) ?? children[0]?.type ?? null };
  }
}

/** `main.T` of `[]main.T` and `*main.T`; a type with a name of its own does not say it. */
const spelledOut = (type: string): string | null => /^(?:\[\]|\*)(.+)$/s.exec(type)?.[1] ?? null;

/** Kinds that hold something of another type, which a name hides. */
const composed: readonly number[] = [reflectKind.struct, reflectKind.array, reflectKind.slice, reflectKind.pointer];

const typesOnly: LoadConfig = {
  FollowPointers: false,
  MaxVariableRecurse: 16,
  MaxStringLen: 0,
  MaxArrayValues: 1,
  MaxStructFields: -1,
};

/** Shapes of types by their names. */
export class Shapes {
  readonly #client: Pick<DelveClient, "eval">;
  readonly #known = new Map<string, Shape>();

  constructor(client: Pick<DelveClient, "eval">) {
    this.#client = client;
  }

  /** @param variable of which only the type was read */
  async of({ type, kind }: Pick<Variable, "type" | "kind">, signal: AbortSignal): Promise<Shape> {
    const of = spelledOut(type);
    if (of !== null || !composed.includes(kind)) return { kind: "leaf", type, reflect: kind, of };
    const known = this.#known.get(type);
    if (known !== undefined) return known;
    const found = await this.#look(type, signal);
    this.#known.set(type, found);
    return found;
  }

  /** Delve describes types by values only: whatever bytes there are, read as one of this type, have its fields. */
  async #look(type: string, signal: AbortSignal): Promise<Shape> {
    const expression = `*(*${JSON.stringify(type)})(runtime.firstmoduledata.types)`;
    try {
      return shapeOf(await this.#client.eval({ GoroutineID: -1, Frame: 0 }, expression, typesOnly, signal));
    } catch (error) {
      // A type without a name has no entry of its own.
      if (error instanceof DelveError) return { kind: "unknown", type };
      throw error;
    }
  }
}
