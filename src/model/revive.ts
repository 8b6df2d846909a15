import { isJsonObject, type Json } from "./json.js";
import { CutText, type Value } from "./value.js";

/** A journalled value with its cut texts restored; times stay text, since only a kind's schema knows which texts are times. */
export function revive(json: Json): Value {
  if (Array.isArray(json)) return json.map(revive);
  if (!isJsonObject(json)) return json as Value; // what remains of Json is a scalar
  if (isCut(json)) return new CutText(json.head, json.tail, json.omitted_bytes);
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, revive(value)]));
}

function isCut(json: object): json is { head: string; tail: string; omitted_bytes: number } {
  if (!("truncated" in json) || json.truncated !== true) return false;
  if (!("head" in json && "tail" in json && "omitted_bytes" in json)) return false;
  return typeof json.head === "string" && typeof json.tail === "string" && typeof json.omitted_bytes === "number";
}
