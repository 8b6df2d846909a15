import * as z from "zod";
import { condition, duration, integer } from "../../model/fields.js";
import { isJsonObject, type Json } from "../../model/json.js";
import { time } from "../../model/result-fields.js";
import type { Value } from "../../model/value.js";
import { socketRow } from "../socket-row.js";

/** Frames of a hit's stack that are kept when the author does not say. */
export const defaultStack = 30;

/** Frames that are read at an entry whatever is shown, to find the caller. */
export const callerDepth = 50;

const atLeast = (least: number) =>
  integer().refine((value) => value >= least, { error: `expected an integer of at least ${least}` });

export const spec = z.strictObject({
  at: z.array(z.string().min(1)).min(1).describe("Where: a function or `file:line`, or a list of them."),
  where: z
    .string()
    .min(1)
    .optional()
    .describe("A Go expression, tested by Delve at the entry: other calls are not caught."),
  read: z
    .record(z.string().min(1), z.string().min(1))
    .optional()
    .describe("Go expressions to read at each hit: a list, or `{name: expression}`."),
  stack: atLeast(0).optional().describe(`How many frames of each stack to keep; ${defaultStack} if absent.`),
  results: z
    .boolean()
    .optional()
    .describe(
      "Also catch the return of each call and read what it gives. Absent: only of functions that give a socket.",
    ),
  count: atLeast(1).optional().describe("Ends after this many hits."),
  until: condition().optional().describe("Ends when this condition over `hits` holds."),
  for: duration().optional().describe("Ends after this time."),
});

export type CatchSpec = z.infer<typeof spec>;

const text = z.string().min(1);

/** What an author may write: shorthands for one place and for a list of expressions. */
export const written = z.union([
  spec.extend({
    at: z.union([text, z.array(text).min(1)]).describe(spec.shape.at.description ?? ""),
    read: z
      .union([text, z.array(text).min(1), z.record(text, text)])
      .optional()
      .describe(spec.shape.read.description ?? ""),
  }),
  text,
  z.array(text).min(1),
]);

/** Brings the shorthands into one form. */
export function normalise(given: Json): Json {
  if (!isJsonObject(given)) return { at: listOf(given) };
  const { at, read } = given;
  return {
    ...given,
    ...(at !== undefined && { at: listOf(at) }),
    ...(read !== undefined && { read: namesOf(read) }),
  };
}

const listOf = (value: Json): Json => (Array.isArray(value) ? value : [value]);

function namesOf(read: Json): Json {
  const list = Array.isArray(read) ? read : [read];
  return list.every((each) => typeof each === "string") ? Object.fromEntries(list.map((each) => [each, each])) : read;
}

const frame = z.strictObject({ function: z.string(), file: z.string(), line: z.int() });

/** Go values by the name under which they were read. */
const values = z.record(z.string(), z.custom<Value>());

export const hit = z.strictObject({
  goroutine: z.int(),
  at: time(),
  location: frame,
  values,
  stack: z.array(frame),
  caller: frame.nullable(),
  callers: z.array(frame),
  created_by: frame.nullable(),
  returned: values.nullable(),
  socket: socketRow.nullable(),
  no_socket: z.string().nullable(),
  stopped_milliseconds: z.number(),
});

export type Hit = z.infer<typeof hit>;

export const opened = z.strictObject({ pid: z.int() });

/** What ended the collecting. */
export const endings = ["during", "count", "until", "for", "exit", "aborted"] as const;
export type Ending = (typeof endings)[number];

export const result = z.strictObject({
  hits: z.array(hit),
  count: z.int(),
  not_returned: z.int(),
  lost: z.int(),
  ended_by: z.enum(endings),
  truncated: z.boolean(),
});

export type CatchResult = z.infer<typeof result>;
