import * as z from "zod";
import { type FieldRole, roles } from "../../model/fields.js";
import { toJson, type Value } from "../../model/value.js";
import { textOf } from "../text-of.js";

/** What a kind's spec says of one place in a step's field: the schemas that may apply there. */
export interface Spot {
  readonly schemas: readonly z.core.$ZodType[];
  /** A secret may stand here. */
  readonly mayHoldSecret: boolean;
  /** One argument of a command: a list or an object goes in as JSON, as it does into an environment variable. */
  readonly argument?: boolean;
}

export interface Alternative {
  readonly schema: z.core.$ZodTypes;
  /** With what is done to the value after it has this form: a duration is more than a text. */
  readonly whole: z.core.$ZodType;
  readonly role: FieldRole | null;
  readonly mayHoldSecret: boolean;
}

/** The schemas of a place without what wraps them. One that has a role is taken as a whole. */
export const alternatives = ({ schemas, mayHoldSecret }: Spot): readonly Alternative[] => {
  const [only] = schemas;
  return only !== undefined && schemas.length === 1
    ? unwrap(only, mayHoldSecret)
    : schemas.flatMap((schema) => unwrap(schema, mayHoldSecret));
};

/** Every text of a runbook asks the same few schemas. */
const unwrapped = {
  open: new WeakMap<Schema, readonly Alternative[]>(),
  secret: new WeakMap<Schema, readonly Alternative[]>(),
};

type Schema = z.core.$ZodType;

function unwrap(schema: Schema, mayHoldSecret: boolean): readonly Alternative[] {
  const known = mayHoldSecret ? unwrapped.secret : unwrapped.open;
  const found = known.get(schema) ?? unwrapOnce(schema, mayHoldSecret);
  known.set(schema, found);
  return found;
}

function unwrapOnce(schema: z.core.$ZodType, mayHoldSecret: boolean): readonly Alternative[] {
  // The base type of a schema hides which of zod's closed union of definitions it carries.
  const known = schema as z.core.$ZodTypes;
  const role = roles.get(schema)?.role ?? null;
  if (role !== null && role !== "secret") return [{ schema: known, whole: schema, role, mayHoldSecret }];
  const secret = mayHoldSecret || role === "secret";
  const { def } = known._zod;
  switch (def.type) {
    case "optional":
    case "nullable":
    case "nonoptional":
    case "default":
    case "prefault":
    case "readonly":
    case "catch":
      return unwrap(def.innerType, secret);
    case "union":
      return def.options.flatMap((option) => unwrap(option, secret));
    case "intersection":
      return [...unwrap(def.left, secret), ...unwrap(def.right, secret)];
    case "lazy":
      return [{ schema: known, whole: schema, role: null, mayHoldSecret: secret }];
    case "pipe":
      return unwrap((def.in as z.core.$ZodTypes)._zod.def.type === "transform" ? def.out : def.in, secret).map(
        (inner) => ({
          ...inner,
          whole: schema,
        }),
      );
    default:
      return [{ schema: known, whole: schema, role: null, mayHoldSecret: secret }];
  }
}

/** The place below a key or an index. `written` tells which alternative an object was meant as. */
export function below(spot: Spot, key: string | number, written: readonly string[] = []): Spot {
  const opened = open(alternatives(spot));
  const fitting = opened.filter(({ schema: { _zod } }) => {
    const { def } = _zod;
    return def.type === "object" && written.every((name) => Object.hasOwn(def.shape, name));
  });
  const candidates = fitting.length > 0 ? fitting : opened;
  return {
    schemas: candidates.flatMap(({ schema }) => inside(schema, key)),
    mayHoldSecret: candidates.some(({ mayHoldSecret }) => mayHoldSecret),
  };
}

/** Recursive schemas (any JSON) are opened only as far as the data goes. */
const open = (all: readonly Alternative[]): readonly Alternative[] =>
  all.some(({ schema }) => schema._zod.def.type === "lazy") ? all.flatMap(openOne) : all;

function openOne(one: Alternative): readonly Alternative[] {
  const { def } = one.schema._zod;
  return def.type === "lazy" ? unwrap(def.getter(), one.mayHoldSecret) : [one];
}

function inside({ _zod: { def } }: z.core.$ZodTypes, key: string | number): readonly z.core.$ZodType[] {
  switch (def.type) {
    case "object": {
      const field = Object.hasOwn(def.shape, key) ? def.shape[key] : def.catchall;
      return field === undefined ? [] : [field];
    }
    case "record":
      return [def.valueType];
    case "array":
      return [def.element];
    case "tuple": {
      const item = typeof key === "number" ? (def.items[key] ?? def.rest) : null;
      return item === null ? [] : [item];
    }
    default:
      return [];
  }
}

/**
 * A value of a lone mustache in the form that its place takes: as it is, else as JSON (a time as RFC 3339), a duration with
 * its unit, else a scalar as its text. If none of these fits, as it is: parsing the whole says what was expected.
 */
export function adapt(value: Exclude<Value, null>, spot: Spot): Value {
  const { schemas, argument } = spot;
  if (argument) return textOf(value);
  if (typeof value === "number" && alternatives(spot).some(({ role }) => role === "duration")) return `${value}ms`;
  const accepts = (candidate: unknown): boolean => schemas.some((schema) => takes(schema, candidate));
  if (schemas.length === 0 || accepts(value)) return value;
  const json = toJson(value);
  if (accepts(json)) return json;
  const scalar = typeof value !== "object" || value instanceof Date;
  return scalar && accepts(textOf(value)) ? textOf(value) : value;
}

/** Whether a value passes a schema. */
export const takes = (schema: z.core.$ZodType, value: unknown): boolean => z.safeParse(schema, value).success;
