import * as z from "zod";
import { toObject } from "../../delve/values/values.js";
import type { Value } from "../../model/value.js";
import type { Observation } from "./observation.js";

const frame = z.strictObject({ function: z.string(), file: z.string(), line: z.int() });

/** Go values by the expression that was printed. */
const values = z.record(z.string(), z.custom<Value>());

export const result = z.strictObject({
  goroutine: z.int().nullable(),
  location: frame.nullable(),
  values,
  stack: z.array(frame),
  goroutines: z.array(
    z.strictObject({
      id: z.int(),
      location: frame,
      values,
      stack: z.array(frame),
      caller: frame.nullable(),
      callers: z.array(frame),
      created_by: frame.nullable(),
    }),
  ),
  groups: z.array(z.strictObject({ name: z.string(), count: z.int() })),
  returned: values,
  moved: z.array(z.strictObject({ id: z.int(), from: frame.nullable(), to: frame.nullable() })),
  truncated: z.boolean(),
  transcript: z.array(z.strictObject({ input: z.string(), output: z.string() })),
});

export type DebugResult = z.infer<typeof result>;

/** The result of a debugging step: trees become values that conditions can read. */
export function toResult(observed: Observation): DebugResult {
  const { turns, values, returned, goroutines, stack, groups, moved, ...rest } = observed;
  return {
    ...rest,
    values: toObject(values),
    stack: [...stack],
    goroutines: goroutines.map(({ callers, ...row }) => ({
      ...row,
      values: toObject(row.values),
      stack: [...row.stack],
      callers: [...(callers ?? (row.caller === null ? [] : [row.caller]))],
    })),
    groups: [...groups],
    returned: toObject(returned),
    moved: [...moved],
    transcript: [...turns],
  };
}
