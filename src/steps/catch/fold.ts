import type { Frame } from "../../delve/session/frames.js";
import { toObject } from "../../delve/values/values.js";
import { Absent } from "../../model/value.js";
import { window } from "../window.js";
import type { CatchRecord, HitRecord, ReturnRecord, StackRecord } from "./record.js";
import type { Hit } from "./spec.js";

type Row = { -readonly [key in keyof Hit]: Hit[key] };

/** Size of a frame in a result, about. */
const frameSize = 100;

/** Puts hits, their stacks and their returns together, while they come and from the evidence. Keeps those at both ends. */
export class HitFold {
  readonly #kept = window<Row>(
    (row) => 500 + frameSize * (row.stack.length + row.callers.length) + JSON.stringify(row.values).length,
  );
  readonly #stacks = new Map<number, StackRecord>();
  readonly #inside = new Map<number, Row>();
  #count = 0;
  readonly #depth: number;

  /** @param depth frames that a hit shows */
  constructor(depth: number) {
    this.#depth = depth;
  }

  get count(): number {
    return this.#count;
  }

  /** Calls whose return was not seen. */
  get inside(): number {
    return this.#inside.size;
  }

  get left(): number {
    return this.#kept.left;
  }

  add(record: CatchRecord): void {
    switch (record.type) {
      case "stack":
        this.#stacks.set(record.stack, record);
        return;
      case "hit":
        this.#enter(record);
        return;
      case "return":
        this.#leave(record);
        return;
      default:
        record satisfies never;
    }
  }

  /** The hits at both ends; what lies between them is one row that nothing is known of. */
  rows(): readonly Hit[] {
    const { first, left } = this.#kept;
    return left === 0 ? [...first, ...this.#kept.last()] : [...first, gap(left), ...this.#kept.last()];
  }

  /** The newest hits. */
  latest(limit: number): readonly Hit[] {
    const last = this.#kept.last();
    return last.length >= limit ? last.slice(-limit) : [...this.#kept.first, ...last].slice(-limit);
  }

  #enter({ hit, goroutine, at, location, values, stack, created_by, no_return, milliseconds }: HitRecord): void {
    const { frames, caller, callers } = this.#stacks.get(stack) ?? { frames: [], caller: null };
    const row: Row = {
      goroutine,
      at: new Date(at),
      location,
      values: toObject(values),
      stack: frames.slice(0, this.#depth) as Frame[], // a copy
      caller,
      callers: [...(callers ?? (caller === null ? [] : [caller]))],
      created_by,
      returned: null,
      socket: null,
      no_socket: no_return ?? "the call had not returned when collecting ended",
      stopped_milliseconds: milliseconds,
    };
    this.#count++;
    this.#kept.push(row);
    if (no_return === undefined) this.#inside.set(hit, row);
  }

  #leave({ hit, results, socket, no_socket, milliseconds }: ReturnRecord): void {
    const row = this.#inside.get(hit);
    if (row === undefined) return;
    this.#inside.delete(hit);
    row.returned = toObject(results);
    row.socket = socket;
    row.no_socket = no_socket;
    row.stopped_milliseconds = Math.round((row.stopped_milliseconds + milliseconds) * 10) / 10;
  }
}

/** A condition that asks about hits that are not kept is unknown, not false. */
function gap(hits: number): Hit {
  const absent = new Absent(`${hits} hits were left out here; all are in the evidence`);
  const names: readonly (keyof Hit)[] = [
    "goroutine",
    "at",
    "location",
    "values",
    "stack",
    "caller",
    "callers",
    "created_by",
    "returned",
    "socket",
    "no_socket",
    "stopped_milliseconds",
  ];
  // Every field is one that nothing is known of, which the type of a hit cannot say.
  return Object.fromEntries(names.map((name) => [name, absent])) as unknown as Hit;
}
