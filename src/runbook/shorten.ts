import { Absent, CutText, type Value } from "../model/value.js";

const longestText = 300;
const mostItems = 5;
const mostKeys = 16;
const deepest = 4;

/** A value as a report shows it beside a condition: long texts and lists cut, deep ones closed with `…`. */
export function shorten(value: Value, depth = 0): Value {
  if (typeof value === "string") return shortText(value);
  if (value instanceof CutText) return `${shortText(value.head)} … ${value.omittedBytes} bytes left out`;
  if (value === null || typeof value !== "object" || value instanceof Date || value instanceof Absent) return value;
  if (depth === deepest) return "…";
  if (Array.isArray(value)) {
    const items = value.slice(0, mostItems).map((item: Value) => shorten(item, depth + 1));
    return value.length > mostItems ? [...items, `… ${value.length - mostItems} more`] : items;
  }
  const entries = Object.entries(value);
  const kept = entries.slice(0, mostKeys).map(([key, inner]) => [key, shorten(inner as Value, depth + 1)] as const); // the object of the union
  const more = entries.length > mostKeys ? [["…", `${entries.length - mostKeys} more`] as const] : [];
  return Object.fromEntries([...kept, ...more]);
}

const shortText = (text: string): string =>
  text.length <= longestText ? text : `${text.slice(0, longestText)}… (${text.length} characters)`;
