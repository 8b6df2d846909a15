import { isJsonObject, type Json } from "../../model/json.js";
import { Absent, CutText, toJson, type Value, type ValueObject } from "../../model/value.js";

/** Values as JSON, and what JSON cannot tell of them: which texts are times, which are cut, and why a null is one. */
export interface Packed {
  readonly values: Json;
  readonly special: readonly Special[];
}

type Path = readonly (string | number)[];

type Special =
  | { readonly path: Path; readonly is: "time" | "cut" }
  | { readonly path: Path; readonly is: "absent"; readonly because: string };

/** Values on their way through a journal. `unpack` gives them back. */
export const pack = (values: ValueObject): Packed => ({ values: toJson(values), special: [...specials(values, [])] });

function* specials(value: Value, path: Path): Generator<Special> {
  if (value instanceof Date) yield { path, is: "time" };
  else if (value instanceof CutText) yield { path, is: "cut" };
  else if (value instanceof Absent) yield { path, is: "absent", because: value.because };
  else if (typeof value === "object" && value !== null) {
    const entries = Array.isArray(value) ? value.entries() : Object.entries(value);
    for (const [key, inner] of entries) yield* specials(inner as Value, [...path, key]); // a part of a value is one
  }
}

export function unpack({ values, special }: Packed): ValueObject {
  const found = special.reduce((all, one) => replaced(all, one.path, one), values as Value);
  return found as ValueObject; // an object was packed, and only what is inside it is special
}

function replaced(value: Value, [key, ...rest]: Path, special: Special): Value {
  if (key === undefined) return restored(value as Json, special);
  if (Array.isArray(value)) {
    return value.map((inner: Value, index) => (index === key ? replaced(inner, rest, special) : inner));
  }
  const object = value as ValueObject; // the path was taken from the value itself
  return { ...object, [key]: replaced(object[key] ?? null, rest, special) };
}

function restored(json: Json, special: Special): Value {
  if (special.is === "absent") return new Absent(special.because);
  if (special.is === "time") return new Date(String(json));
  const { head, tail, omitted_bytes: omitted } = isJsonObject(json) ? json : {};
  return new CutText(String(head), String(tail), Number(omitted));
}
