import type { Json } from "./json.js";

/**
 * A text of which only the beginning and the end were kept; the whole is in the evidence.
 * A condition that reads it is unknown. In JSON: `{"truncated": true, "head", "tail", "omitted_bytes"}`.
 */
export class CutText {
  constructor(
    readonly head: string,
    readonly tail: string,
    readonly omittedBytes: number,
  ) {}

  toJSON(): Json {
    return { truncated: true, head: this.head, tail: this.tail, omitted_bytes: this.omittedBytes };
  }

  toString(): string {
    return `${this.head}\n… ${this.omittedBytes} bytes left out …\n${this.tail}`;
  }
}

/**
 * Stands where a step that did not run, or failed, would have put a value. Reads as null, but a
 * comparison with anything except the literal null is unknown. In JSON: null.
 */
export class Absent {
  constructor(readonly because: string) {}

  toJSON(): null {
    return null;
  }
}

/** What a name in a runbook can stand for. Times are `Date`, durations integer milliseconds, sizes integer bytes. */
export type Value = null | boolean | number | string | Date | CutText | Absent | readonly Value[] | ValueObject;

export interface ValueObject {
  readonly [key: string]: Value;
}

/** The value as JSON: times as RFC 3339, cut texts as their object, absent values as null. */
export function toJson(value: Value): Json {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof CutText || value instanceof Absent) return value.toJSON();
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toJson(inner as Value)]));
  }
  return value as Json;
}
