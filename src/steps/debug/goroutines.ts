import { setMaxListeners } from "node:events";
import { asFailure } from "../../delve/rpc/failure.js";
import { DelveError } from "../../delve/rpc/json-rpc.js";
import type { Goroutine, GoroutineFilter } from "../../delve/rpc/protocol.js";
import { creatorOf, type Frame, packageOf, toFrame } from "../../delve/session/frames.js";
import { isAt, resolve } from "../../delve/session/locations.js";
import type { DelveSession } from "../../delve/session/session.js";
import { type NamedTree, printed, toTree } from "../../delve/values/value-tree.js";
import { StepFailure } from "../../model/step-kind.js";
import type { GoroutineRow, Yields } from "./observation.js";
import { Price } from "./price.js";
import { type GoroutinesCommand, goroutineFields } from "./spec.js";

/** Goroutines asked for at once: a program may have many thousands. */
const pageSize = 500;
const defaultLimit = 100;

/** How deep a stack is searched for a frame. */
const searchDepth = 200;

/** Calls under way at once on the connection. */
const pipelined = 32;

type Found = Pick<Yields, "goroutines" | "groups" | "truncated">;

/** Lists the goroutines that a `goroutines` command asks for, in the order of their ids. */
export async function listGoroutines(
  wanted: GoroutinesCommand,
  session: DelveSession,
  signal: AbortSignal,
): Promise<Found> {
  const limit = wanted.limit ?? defaultLimit;
  const filters = wanted.with === undefined ? [] : [parseFilter(wanted.with)];
  if (wanted.group_by !== undefined) return await countGroups(wanted.group_by, filters, limit, session, signal);
  const calls = AbortSignal.any([signal]);
  // Each call under way listens to it.
  setMaxListeners(0, calls);
  const rows: GoroutineRow[] = [];
  let truncated = false;
  // What is filtered, here or by Delve, may be rare.
  const count = wanted.at === undefined && filters.length === 0 ? Math.min(pageSize, limit + 1) : pageSize;
  const price = new Price(session);
  for (let start: number | null = 0; start !== null && !truncated; ) {
    const page = await session.client.listGoroutines({ start, count }, filters, null, signal);
    const found = await inBatches(page.goroutines, (each) => examine(each, wanted, session, calls));
    for (const row of found) {
      if (row === null) continue;
      if (rows.length < limit) rows.push(row);
      else truncated = true;
    }
    start = page.next;
    if (start !== null && !truncated) await price.check(start, wanted.at === undefined ? limit : null, signal);
  }
  if (rows.length === 0 && wanted.at !== undefined) await resolve(session.client, wanted.at, signal);
  refuseUnknownNames(rows, wanted.print ?? []);
  return { goroutines: rows.sort((left, right) => left.id - right.id), groups: [], truncated };
}

/** Delve's words for a filter: `userloc main.wait`. */
function parseFilter(text: string): GoroutineFilter {
  const [name = "", ...rest] = text.split(/\s+/);
  // The spec admits only these names.
  return { Kind: goroutineFields[name as keyof typeof goroutineFields], Negated: false, Arg: rest.join(" ") };
}

async function countGroups(
  by: keyof typeof goroutineFields,
  filters: readonly GoroutineFilter[],
  limit: number,
  session: DelveSession,
  signal: AbortSignal,
): Promise<Found> {
  const grouping = { GroupBy: goroutineFields[by], GroupByKey: "", MaxGroupMembers: 1, MaxGroups: pageSize };
  const counts = new Map<string, number>();
  const price = new Price(session);
  // Delve could count all at once, but would answer nothing else meanwhile, not even to let go.
  for (let start: number | null = 0; start !== null; ) {
    const page = await session.client.listGoroutines({ start, count: pageSize }, filters, grouping, signal);
    for (const { Name, Total } of page.groups) counts.set(Name, (counts.get(Name) ?? 0) + Total);
    start = page.next;
    if (start !== null) await price.check(start, null, signal);
  }
  const groups = [...counts].map(([name, count]) => ({ name, count })).sort((left, right) => right.count - left.count);
  return { goroutines: [], groups: groups.slice(0, limit), truncated: groups.length > limit };
}

/** null: it is not at the place that is looked for. */
async function examine(
  found: Goroutine,
  wanted: GoroutinesCommand,
  session: DelveSession,
  signal: AbortSignal,
): Promise<GoroutineRow | null> {
  const shown = wanted.stack ?? 0;
  const depth = wanted.at === undefined ? Math.max(shown, wanted.print === undefined ? 0 : 20) : searchDepth;
  const stack =
    depth === 0 ? { frames: [], callers: [] } : await session.stacks.of(found.id, Math.max(depth, shown), signal);
  const frame = frameOf(stack.frames, wanted.at);
  if (frame === -1 && wanted.at !== undefined) return null;
  const values = await Promise.all(
    (wanted.print ?? []).map((expression) => read(expression, found.id, Math.max(0, frame), session, signal)),
  );
  const location = toFrame(found.userCurrentLoc);
  const created_by = creatorOf(found.goStatementLoc);
  const { frames, callers } = stack;
  const caller = callers[0] ?? null;
  return { id: found.id, location, values, stack: frames.slice(0, shown), caller, callers, created_by };
}

/** The innermost frame at the place; without one, the innermost that is not the scheduler's. */
function frameOf(frames: readonly Frame[], at: string | undefined): number {
  if (at !== undefined) return frames.findIndex((frame) => isAt(at, frame));
  return frames.findIndex((frame) => packageOf(frame.function) !== "runtime");
}

async function read(
  expression: string,
  goroutine: number,
  frame: number,
  session: DelveSession,
  signal: AbortSignal,
): Promise<NamedTree> {
  try {
    const found = await session.client.eval({ GoroutineID: goroutine, Frame: frame }, expression, printed, signal);
    return { name: expression, value: toTree(found, printed) };
  } catch (error) {
    // Another goroutine's frame may know the name.
    if (error instanceof DelveError) {
      return { name: expression, value: { kind: "unreadable", type: "", why: error.message } };
    }
    throw asFailure(error, `print ${expression}`);
  }
}

/** An expression that no goroutine at all could evaluate is a mistake. */
function refuseUnknownNames(rows: readonly GoroutineRow[], expressions: readonly string[]): void {
  if (rows.length === 0) return;
  for (const [index, expression] of expressions.entries()) {
    const found = rows.map((row) => row.values[index]?.value);
    const first = found[0];
    const failed = found.every((value) => value?.kind === "unreadable" && /could not find symbol/.test(value.why));
    if (failed && first?.kind === "unreadable") {
      throw new StepFailure(`print ${expression}: ${first.why}, in none of the goroutines`);
    }
  }
}

async function inBatches<T, U>(items: readonly T[], work: (item: T) => Promise<U>): Promise<readonly U[]> {
  const done: U[] = [];
  for (let at = 0; at < items.length; at += pipelined) {
    done.push(...(await Promise.all(items.slice(at, at + pipelined).map(work))));
  }
  return done;
}
