import type * as z from "zod";
import type { Path } from "./tree.js";

/** The keys that an object may have where the path leads; all that its alternatives together allow. */
export function keysAt(schema: z.core.$ZodType, path: Path): readonly string[] {
  let schemas = options(schema);
  for (const key of path) schemas = schemas.flatMap((outer) => below(outer, key)).flatMap(options);
  return [...new Set(schemas.flatMap(({ _zod: { def } }) => (def.type === "object" ? Object.keys(def.shape) : [])))];
}

/** The schemas behind wrappers and unions. */
function options(schema: z.core.$ZodType): readonly z.core.$ZodTypes[] {
  // The base type of a schema hides which of zod's closed union of definitions it carries.
  const known = schema as z.core.$ZodTypes;
  const { def } = known._zod;
  switch (def.type) {
    case "union":
      return def.options.flatMap(options);
    case "optional":
    case "nullable":
    case "nonoptional":
    case "default":
    case "prefault":
    case "readonly":
    case "catch":
      return options(def.innerType);
    case "pipe":
      return options(def.in);
    case "lazy":
      return options(def.getter());
    case "intersection":
      return [...options(def.left), ...options(def.right)];
    default:
      return [known];
  }
}

function below({ _zod: { def } }: z.core.$ZodTypes, key: string | number): readonly z.core.$ZodType[] {
  if (def.type === "object") {
    const inner = Object.hasOwn(def.shape, key) ? def.shape[key] : def.catchall;
    return inner === undefined ? [] : [inner];
  }
  if (def.type === "array") return [def.element];
  if (def.type === "record") return [def.valueType];
  if (def.type === "tuple") return [...def.items, ...(def.rest === null ? [] : [def.rest])];
  return [];
}
