import { isJsonObject, type Json } from "../model/json.js";
import { formsOf } from "./mask-forms.js";

/** Replaces secrets by `[masked:name]`, in every form in which they may appear. */
export interface Masker {
  /** False when there is nothing to mask. */
  readonly active: boolean;
  text(text: string): string;
  /** Deep: texts, keys, and numbers whose digits are a secret. */
  json(value: Json): Json;
  /** For bytes in pieces. What comes out does not depend on how they were cut. */
  stream(): MaskStream;
  /** How often each secret was masked. */
  counts(): Record<string, number>;
}

export interface MaskStream {
  /** What is decided by now. The chunk may come back as it is; it is never written to. */
  push(chunk: Uint8Array): Uint8Array;
  end(): Uint8Array;
}

interface Form {
  readonly bytes: Buffer;
  readonly name: string;
  readonly label: Buffer;
}

/** @param secrets names and their values; empty values are ignored */
export function createMasker(secrets: ReadonlyMap<string, string>): Masker {
  const forms: readonly Form[] = [...secrets]
    .flatMap(([name, secret]) => {
      const label = Buffer.from(`[masked:${name}]`);
      return formsOf(secret).map((bytes) => ({ bytes, name, label }));
    })
    .sort((a, b) => b.bytes.length - a.bytes.length);
  const texts = forms.map(({ bytes }) => bytes.toString("utf8"));
  const counts = new Map([...secrets.keys()].map((name) => [name, 0]));
  const count = (name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1);

  const text = (plain: string): string => {
    if (!texts.some((form) => plain.includes(form))) return plain;
    const stream = createStream(forms, count);
    return Buffer.concat([stream.push(Buffer.from(plain, "utf8")), stream.end()]).toString("utf8");
  };

  const json = (value: Json): Json => {
    if (typeof value === "string") return text(value);
    if (typeof value === "number") {
      const masked = text(String(value));
      return masked === String(value) ? value : masked;
    }
    if (Array.isArray(value)) return value.map(json);
    if (isJsonObject(value)) {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [text(key), json(inner)]));
    }
    return value;
  };

  return {
    active: forms.length > 0,
    text,
    json,
    stream: () => createStream(forms, count),
    counts: () => Object.fromEntries(counts),
  };
}

const nothing = new Uint8Array(0);

/**
 * Leftmost first, the longest of those that begin at the same place; what overlaps is masked as a whole. A place is
 * decided once as many bytes follow as the longest form has: so cuts make no difference, and the rest is carried over.
 */
function createStream(forms: readonly Form[], count: (name: string) => void): MaskStream {
  const longest = forms[0]?.bytes.length ?? 1;
  let carry: Buffer = Buffer.alloc(0);
  /** So many bytes of the carry are masked already, by `last`. */
  let covered = 0;
  let last: Form | null = null;

  function process(buffer: Buffer, decided: number): Uint8Array {
    const out: Uint8Array[] = [];
    const next = forms.map(({ bytes }) => buffer.indexOf(bytes));
    let written = Math.min(covered, buffer.length);
    for (;;) {
      const found = earliest(next);
      const start = next[found] ?? -1;
      const form = forms[found];
      if (form === undefined || start >= decided) break;
      const end = start + form.bytes.length;
      if (end > covered) {
        const joins: boolean = start < covered && last?.name === form.name;
        if (start > written) out.push(buffer.subarray(written, start));
        if (!joins) {
          out.push(form.label);
          count(form.name);
        }
        covered = end;
        written = end;
        last = form;
      }
      next[found] = buffer.indexOf(form.bytes, start + 1);
    }
    if (decided > written) out.push(buffer.subarray(written, decided));
    carry = buffer.subarray(decided);
    covered = Math.max(covered - decided, 0);
    return out.length === 1 ? (out[0] ?? nothing) : Buffer.concat(out);
  }

  return {
    push(chunk) {
      const view = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      const buffer = carry.length === 0 ? view : Buffer.concat([carry, view]);
      const decided = buffer.length - (longest - 1);
      if (decided > 0) {
        const done = process(buffer, decided);
        carry = Buffer.from(carry); // a copy, so that the chunk is not held on to
        return done;
      }
      carry = carry.length === 0 ? Buffer.from(buffer) : buffer;
      return nothing;
    },
    end() {
      const done = process(carry, carry.length);
      carry = Buffer.alloc(0);
      covered = 0;
      return done;
    },
  };
}

/** Index of the smallest place that is one; forms are sorted, so the longest wins a tie. */
function earliest(places: readonly number[]): number {
  let best = -1;
  let at = Number.POSITIVE_INFINITY;
  for (const [index, place] of places.entries()) {
    if (place >= 0 && place < at) [best, at] = [index, place];
  }
  return best;
}
