import type * as z from "zod";

/**
 * What is known of a value before it exists. `dyn` is anything; every type may also be null. An object that is not
 * `open` has exactly these fields; `unfilled` are others that it could have had, each with what would fill it.
 */
export type Type =
  | { readonly kind: "dyn" }
  | { readonly kind: "bool" | "int" | "double" | "string" | "time" | "null" }
  | { readonly kind: "list"; readonly of: Type }
  | {
      readonly kind: "object";
      readonly fields: Readonly<Record<string, Type>>;
      readonly open?: boolean;
      readonly unfilled?: Readonly<Record<string, string>>;
    };

export const dyn: Type = { kind: "dyn" };

/** For messages: `int`, `list of string`, `object`. */
export function describeType(type: Type): string {
  switch (type.kind) {
    case "string":
      return "text";
    case "list":
      return type.of.kind === "dyn" ? "list" : `list of ${describeType(type.of)}`;
    case "dyn":
      return "value";
    default:
      return type.kind;
  }
}

export const isNumber = (type: Type): boolean => type.kind === "int" || type.kind === "double";

/** The narrowest type that holds both. */
export function unify(left: Type, right: Type): Type {
  if (left.kind === "null") return right;
  if (right.kind === "null") return left;
  if (left.kind === "list" && right.kind === "list") return { kind: "list", of: unify(left.of, right.of) };
  if (left.kind === "object" && right.kind === "object") return unifyObjects(left, right);
  if (left.kind === right.kind) return left;
  return isNumber(left) && isNumber(right) ? { kind: "double" } : dyn;
}

type ObjectType = Extract<Type, { kind: "object" }>;

function unifyObjects(left: ObjectType, right: ObjectType): ObjectType {
  const fields = new Map(Object.entries(left.fields));
  for (const [name, type] of Object.entries(right.fields)) {
    const known = fields.get(name);
    fields.set(name, known === undefined ? type : unify(known, type));
  }
  const open = left.open === true || right.open === true;
  return { kind: "object", fields: record(fields), ...(open && { open }) };
}

/** The type of a field; null when the object cannot have it. */
export function fieldType(type: Type, name: string): Type | null {
  if (type.kind === "dyn" || type.kind === "null") return dyn;
  if (type.kind !== "object") return null;
  if (Object.hasOwn(type.fields, name)) return type.fields[name] ?? dyn;
  return type.open === true ? dyn : null;
}

/** An object in which `__proto__` is a key like any other. */
export const record = <T>(entries: Iterable<readonly [string, T]>): Readonly<Record<string, T>> =>
  Object.fromEntries(entries);

/**
 * The type of what a schema yields. Optional and nullable are transparent; a record is an open object; an option of
 * a union that has no type of its own (an `instanceof`, a transform) follows the others; what cannot be told is `dyn`.
 */
export function typeOfSchema(schema: z.ZodType): Type {
  return typeOf(schema, new Set()) ?? dyn;
}

/** null: the schema says nothing by itself. `seen` ends recursive schemas. */
function typeOf(schema: z.core.$ZodType, seen: ReadonlySet<z.core.$ZodType>): Type | null {
  if (seen.has(schema)) return dyn;
  const inside = new Set(seen).add(schema);
  // The base type of a schema hides which of zod's closed union of definitions it carries.
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "string":
    case "template_literal":
      return { kind: "string" };
    case "number":
      return { kind: isIntegerFormat(def) ? "int" : "double" };
    case "boolean":
      return { kind: "bool" };
    case "date":
      return { kind: "time" };
    case "null":
    case "undefined":
    case "void":
      return { kind: "null" };
    case "enum":
      return unifyAll(Object.values(def.entries).map(typeOfLiteral));
    case "literal":
      return unifyAll(def.values.map(typeOfLiteral));
    case "array":
      return { kind: "list", of: typeOf(def.element, inside) ?? dyn };
    case "tuple":
      return {
        kind: "list",
        of: unifyAll(
          [...def.items, ...(def.rest === null ? [] : [def.rest])].map((item) => typeOf(item, inside) ?? dyn),
        ),
      };
    case "object": {
      const fields = Object.entries(def.shape).map(([name, field]) => [name, typeOf(field, inside) ?? dyn] as const);
      const open = def.catchall !== undefined && def.catchall._zod.def.type !== "never";
      return { kind: "object", fields: record(fields), ...(open && { open }) };
    }
    case "record":
    case "map":
      return { kind: "object", fields: {}, open: true };
    case "union": {
      const options = def.options.map((option) => typeOf(option, inside)).filter((option) => option !== null);
      return options.length === 0 ? null : unifyAll(options);
    }
    case "intersection": {
      const left = typeOf(def.left, inside) ?? dyn;
      const right = typeOf(def.right, inside) ?? dyn;
      return left.kind === "object" && right.kind === "object" ? unifyObjects(left, right) : dyn;
    }
    case "optional":
    case "nullable":
    case "nonoptional":
    case "default":
    case "prefault":
    case "readonly":
    case "catch":
      return typeOf(def.innerType, inside);
    case "lazy":
      return typeOf(def.getter(), inside);
    case "pipe":
      return typeOf(def.out, inside);
    case "custom":
    case "transform":
      return null;
    default:
      return dyn;
  }
}

const unifyAll = (types: readonly Type[]): Type => {
  const [first = dyn, ...rest] = types;
  return rest.reduce(unify, first);
};

function typeOfLiteral(value: unknown): Type {
  switch (typeof value) {
    case "string":
      return { kind: "string" };
    case "number":
      return { kind: Number.isInteger(value) ? "int" : "double" };
    case "boolean":
      return { kind: "bool" };
    default:
      return value === null ? { kind: "null" } : dyn;
  }
}

/** `z.int()` is a number with a format; `z.number().int()` carries it as a check. */
function isIntegerFormat(
  def: z.core.$ZodTypeDef & { readonly checks?: readonly unknown[]; readonly format?: unknown },
): boolean {
  if (typeof def.format === "string" && /int/.test(def.format)) return true;
  return (def.checks ?? []).some((check) => {
    const inner = (check as { _zod?: { def?: { format?: unknown } } })._zod?.def?.format; // a check's definition is untyped here
    return typeof inner === "string" && /int/.test(inner);
  });
}
