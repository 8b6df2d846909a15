import { Absent, CutText, type Value, type ValueObject } from "../../model/value.js";
import type { Type } from "../type.js";
import type { Budget } from "./budget.js";

/** A list that an expression made. Its elements are converted already; those of a list of the runbook's are not. */
export class MadeList {
  constructor(readonly items: readonly CelValue[]) {}
}

/** What `type(x)` yields, and what `int`, `string`, … stand for. */
export class TypeName {
  constructor(readonly name: string) {}
}

/**
 * A value inside an expression: integers are `bigint`, doubles `number`, objects made by an expression `Map`. Lists and
 * objects of the runbook are left as they are and converted where they are read: they may be large.
 */
export type CelValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | Date
  | Uint8Array
  | TypeName
  | CutText
  | Absent
  | MadeList
  | ReadonlyMap<string, CelValue>
  | readonly Value[]
  | ValueObject;

/** A number of the runbook is an integer when it is one exactly, unless its type says double. */
export function fromValue(value: Value, type?: Type): CelValue {
  if (typeof value !== "number") return value;
  return Number.isSafeInteger(value) && type?.kind !== "double" ? BigInt(value) : value;
}

/** Thrown by `toValue` for an integer that a `Value` cannot hold. */
export class NotExact extends Error {
  override readonly name = "NotExact";
}

/** Back to a runbook's value: bytes become base64, as in CEL's JSON, types their names. */
export function toValue(value: CelValue, budget: Budget): Value {
  budget.spend(1);
  if (typeof value === "bigint") {
    const number = Number(value);
    if (Number.isSafeInteger(number)) return number;
    throw new NotExact(
      `the integer ${value} is beyond ±${Number.MAX_SAFE_INTEGER}, which is as far as integers are kept exactly`,
    );
  }
  if (value instanceof MadeList) return value.items.map((item) => toValue(item, budget));
  if (value instanceof TypeName) return value.name;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, inner]) => [key, toValue(inner, budget)]));
  }
  return value as Value; // what is left of the union is a Value as it came
}

export const isList = (value: CelValue): value is MadeList | readonly Value[] =>
  value instanceof MadeList || Array.isArray(value);

type CelObject = ReadonlyMap<string, CelValue> | ValueObject;

export function isObject(value: CelValue): value is CelObject {
  if (value instanceof Map) return true;
  if (typeof value !== "object" || value === null || isList(value)) return false;
  return !(
    value instanceof Date ||
    value instanceof Uint8Array ||
    value instanceof TypeName ||
    value instanceof CutText ||
    value instanceof Absent
  );
}

export const lengthOf = (list: MadeList | readonly Value[]): number =>
  list instanceof MadeList ? list.items.length : list.length;

export const itemsOf = (list: MadeList | readonly Value[], type?: Type): readonly CelValue[] =>
  list instanceof MadeList ? list.items : list.map((item) => fromValue(item, type));

export const keysOf = (object: CelObject): readonly string[] =>
  object instanceof Map ? [...object.keys()] : Object.keys(object);

/** undefined: there is no such key. Only own keys count, so `constructor` is a key like any other. */
export function getKey(object: CelObject, key: string, type?: Type): CelValue | undefined {
  if (object instanceof Map) return object.get(key);
  const plain = object as ValueObject; // narrowing by instanceof does not reach a readonly map's alternative
  return Object.hasOwn(plain, key) ? fromValue(plain[key] ?? null, type) : undefined;
}

/** The name of a value's type: CEL's, with `list` and `map` for what holds others. */
export function typeName(value: CelValue): string {
  switch (typeof value) {
    case "boolean":
      return "bool";
    case "bigint":
      return "int";
    case "number":
      return "double";
    case "string":
      return "string";
  }
  if (value === null || value instanceof Absent) return "null_type";
  if (value instanceof CutText) return "string";
  if (value instanceof Date) return "timestamp";
  if (value instanceof Uint8Array) return "bytes";
  if (value instanceof TypeName) return "type";
  return isList(value) ? "list" : "map";
}

/** For messages: a value in a few words. */
export function describe(value: CelValue): string {
  if (value === null || value instanceof Absent) return "null";
  if (typeof value === "string")
    return `the text ${JSON.stringify(value.length <= 60 ? value : `${value.slice(0, 60)}…`)}`;
  if (value instanceof CutText) return "a text that was cut";
  if (value instanceof Date) return `the time ${Number.isNaN(value.getTime()) ? "(invalid)" : value.toISOString()}`;
  if (value instanceof TypeName) return `the type ${value.name}`;
  if (isList(value)) return `a list of ${lengthOf(value)}`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (isObject(value)) return `an object with ${listed(keysOf(value))}`;
  return typeof value === "boolean" ? `${value}` : `the number ${value}`;
}

/** `a, b and 3 more`. */
export function listed(words: readonly string[], most = 8): string {
  if (words.length === 0) return "no keys";
  if (words.length <= most) return words.join(", ");
  return `${words.slice(0, most).join(", ")} and ${words.length - most} more`;
}
