import { toJson, type Value } from "../model/value.js";

/** A value inside a text: texts as they are, lists and objects as JSON, times as RFC 3339. Null has no text. */
export function textOf(value: Exclude<Value, null>): string {
  if (typeof value === "string") return value;
  if (value instanceof Date) return value.toISOString();
  return typeof value === "object" ? JSON.stringify(toJson(value)) : String(value);
}
