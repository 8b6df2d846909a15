import * as z from "zod";
import type { Frame } from "../../delve/session/frames.js";
import type { NamedTree } from "../../delve/values/value-tree.js";
import type { SocketRow } from "../../linux/sockets.js";

/**
 * What was caught, a line of JSON each, written while the program still stands: a stack when it is met first, a hit that
 * names its stack, and the return of a hit.
 */
export type CatchRecord = StackRecord | HitRecord | ReturnRecord;

export interface StackRecord {
  readonly type: "stack";
  /** From 1. */
  readonly stack: number;
  readonly frames: readonly Frame[];
  readonly caller: Frame | null;
  /** All frames outside Go's standard library, but the function itself; absent in cases that were recorded before they were kept. */
  readonly callers?: readonly Frame[];
}

export interface HitRecord {
  readonly type: "hit";
  /** From 1. */
  readonly hit: number;
  readonly goroutine: number;
  /** On the host's clock. */
  readonly at: string;
  readonly location: Frame;
  readonly values: readonly NamedTree[];
  readonly stack: number;
  /** Where the goroutine was started; null for the first one. */
  readonly created_by: Frame | null;
  /** Why its return will not be seen; absent: it may. */
  readonly no_return?: string;
  readonly milliseconds: number;
}

export interface ReturnRecord {
  readonly type: "return";
  readonly hit: number;
  readonly results: readonly NamedTree[];
  readonly socket: SocketRow | null;
  readonly no_socket: string | null;
  readonly milliseconds: number;
}

/** The type alone is checked: the rest was written by this program, and the journal's hashes say so. */
const record = z.custom<CatchRecord>(
  (value) => z.object({ type: z.enum(["stack", "hit", "return"]) }).safeParse(value).success,
);

export const toLine = (written: CatchRecord): Uint8Array => Buffer.from(`${JSON.stringify(written)}\n`);

/** null: the line was cut off when the program was killed or the disk was full. */
export function fromLine(line: string): CatchRecord | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return null;
  }
  const read = record.safeParse(parsed);
  return read.success ? read.data : null;
}
