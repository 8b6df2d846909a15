import * as z from "zod";
import { isJsonObject, type Json } from "../../model/json.js";
import { text } from "../../model/result-fields.js";
import type { AnyStepKind, StepKinds } from "../../model/step-kind.js";
import type { Value, ValueObject } from "../../model/value.js";
import { listFields } from "./subject.js";

/** Kinds that can be read twice. */
export const probeNames = ["sockets", "processes", "run", "log"];

/** The probes among the kinds that there are. */
export const probesAmong = (kinds: StepKinds): readonly AnyStepKind[] =>
  probeNames.flatMap((name) => kinds.get(name) ?? []);

/** What `diff` works from; a probe's own spec stands under its kind's name. */
export interface DiffSpec {
  readonly key?: readonly string[] | undefined;
  readonly left?: unknown;
  readonly right?: unknown;
  readonly [probe: string]: unknown;
}

/** The fields as they are written, each probe with its shorthands, and one key without a list. */
export const writtenOf = (probes: readonly AnyStepKind[]): z.ZodType =>
  fieldsOf(
    probes,
    (probe) => probe.written ?? z.union([probe.spec, ...shorthandsOf(probe)]),
    z.union([keyNames, z.string().min(1)]),
  );

function shorthandsOf({ normalise: full }: AnyStepKind): readonly z.ZodType[] {
  const takes = (written: Json): boolean => (full?.(written) ?? written) !== written;
  const list: Json = ["x"];
  return [...(takes("x") ? [z.string()] : []), ...(takes(list) ? [z.array(z.unknown())] : [])];
}

const keyNames = z.array(z.string().min(1)).min(1);

function fieldsOf<K extends z.ZodType>(
  probes: readonly AnyStepKind[],
  schemaOf: (probe: AnyStepKind) => z.ZodType,
  key: K,
) {
  const fields = probes.map((kind) => [
    kind.name,
    schemaOf(kind).optional().describe(`Probe, as in a step \`${kind.name}\`.`),
  ]);
  return z.strictObject({
    ...(Object.fromEntries(fields) as Record<string, z.ZodOptional>),
    key: key.optional().describe("Fields that tell which row is which; absent: all of them."),
    left: z.unknown().optional().describe("Value to compare, without `during`."),
    right: z.unknown().optional().describe("Value to compare `left` with."),
  });
}

export function specOf(probes: readonly AnyStepKind[]): z.ZodType<DiffSpec> {
  const names = probes.map((kind) => kind.name);
  return fieldsOf(probes, (probe) => probe.spec, keyNames).superRefine((written: DiffSpec, context) => {
    const issue = (message: string, path: string[] = []): void => context.addIssue({ code: "custom", message, path });
    const given = names.filter((name) => written[name] !== undefined);
    const values = ["left", "right"].filter((side) => written[side] !== undefined);
    if (given.length + values.length === 0) issue(`expected one of ${names.join(", ")}, or left and right, found none`);
    else if (given.length > 1) issue(`expected one probe, found ${given.join(" and ")}`);
    else if (given.length === 1 && values.length > 0)
      issue(`expected a probe or values, found ${given[0]} and ${values[0]}`);
    else if (given.length === 0 && values.length === 1) issue(`expected left and right, found only ${values[0]}`);
    const probe = probes.find((kind) => kind.name === given[0]);
    const asked = written[probe?.name ?? ""];
    const parsed = typeof asked === "object" && asked !== null && "parse" in asked && asked.parse !== undefined;
    const fields = probe === undefined || parsed ? null : rowFields(probe);
    if (fields === null) return;
    for (const [index, name] of (written.key ?? []).entries()) {
      if (fields.includes(name)) continue;
      context.addIssue({
        code: "custom",
        message: `expected a field of ${probe?.name}: ${fields.join(", ")}`,
        path: ["key", index],
      });
    }
  });
}

/** The fields of a probe's rows where its result tells them. */
function rowFields(probe: AnyStepKind): readonly string[] | null {
  const list = listFields[probe.name];
  if (list === undefined || !(probe.result instanceof z.ZodObject)) return null;
  const rows = unwrapped(probe.result.shape[list]);
  const row = rows instanceof z.ZodArray ? unwrapped(rows.element) : undefined;
  return row instanceof z.ZodObject ? Object.keys(row.shape) : null;
}

const unwrapped = (schema: unknown): unknown => (schema instanceof z.ZodReadonly ? unwrapped(schema.unwrap()) : schema);

/** The probe that is written, or null when there are values instead. */
export function probeOf(
  probes: readonly AnyStepKind[],
  written: Json | DiffSpec,
): { readonly kind: AnyStepKind; readonly spec: unknown } | null {
  if (typeof written !== "object" || written === null || Array.isArray(written)) return null;
  const fields = written as Readonly<Record<string, unknown>>; // both are records
  const kind = probes.find(({ name }) => fields[name] !== undefined);
  return kind === undefined ? null : { kind, spec: fields[kind.name] };
}

/** A probe's shorthands, turned into what its spec describes. */
export function normalise(probes: readonly AnyStepKind[], written: Json): Json {
  if (!isJsonObject(written)) return written;
  const { key } = written;
  let full = typeof key === "string" && !key.includes("{{") ? { ...written, key: [key] } : written;
  for (const { name, normalise: normaliseProbe } of probes) {
    const inner = written[name];
    if (inner === undefined || normaliseProbe === undefined) continue;
    const own = normaliseProbe(inner);
    if (own !== inner) full = { ...full, [name]: own };
  }
  return full;
}

const row = z.custom<ValueObject>((value) => typeof value === "object" && value !== null);

export const result = z.strictObject({
  added: z.array(z.custom<Value>()).readonly(),
  removed: z.array(z.custom<Value>()).readonly(),
  changed: z
    .array(z.strictObject({ before: row, after: row, fields: z.array(z.string()).readonly() }).readonly())
    .readonly(),
  text: text(),
});

export type DiffResult = z.infer<typeof result>;
