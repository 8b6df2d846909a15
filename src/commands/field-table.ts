import * as z from "zod";

/** One field of a kind as `casebook kinds` shows it. */
export interface FieldRow {
  readonly name: string;
  /** `text`, `integer`, `list of text`, `get | head`. */
  readonly type: string;
  readonly required: boolean;
  readonly about: string;
  /** Fields of its own, where any of them is described. */
  readonly inner: readonly FieldRow[];
}

/** The part of JSON Schema that zod writes and that a table shows. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
}

/** The fields of an object's schema in order; empty when the schema is no object. */
export const fieldRows = (schema: z.ZodType, side: "input" | "output"): readonly FieldRow[] =>
  rowsOf(jsonSchema(schema, side));

/** The fields of a list's elements; empty when the schema is no list of objects. */
export const elementRows = (schema: z.ZodType): readonly FieldRow[] => rowsOf(jsonSchema(schema, "input").items ?? {});

// What zod cannot express (a Date, a class) becomes `{}`: any value.
const jsonSchema = (schema: z.ZodType, side: "input" | "output"): Schema =>
  z.toJSONSchema(schema, { io: side, unrepresentable: "any" }) as Schema;

const rowsOf = ({ properties, required }: Schema): readonly FieldRow[] =>
  Object.entries(properties ?? {}).map(([name, field]) => ({
    name,
    type: typeName(field),
    required: required?.includes(name) ?? false,
    about: field.description ?? "",
    inner: innerRows(field),
  }));

function innerRows(field: Schema): readonly FieldRow[] {
  const objects = [field, field.items ?? {}, ...(field.anyOf ?? field.oneOf ?? [])];
  const rows = rowsOf(objects.find(({ properties }) => properties !== undefined) ?? {});
  return rows.some(({ about, inner }) => about !== "" || inner.length > 0) ? rows : [];
}

function typeName(schema: Schema): string {
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives !== undefined) {
    // null is said by optional, and what zod cannot express says nothing.
    const names = alternatives.filter((one) => one.type !== "null" && Object.keys(one).length > 0).map(typeName);
    return [...new Set(names)].join(" or ");
  }
  if (typeof schema.type === "object") {
    return typeName({ ...schema, type: schema.type.filter((name) => name !== "null").join(" or ") });
  }
  if (schema.enum !== undefined) return schema.enum.map(String).join(" | ");
  if (schema.const !== undefined) return String(schema.const);
  if (schema.type === "array") return `list of ${schema.items === undefined ? "anything" : typeName(schema.items)}`;
  if (schema.type === "string") return "text";
  if (schema.type === "object") return objectName(schema);
  return schema.type ?? "anything";
}

function objectName({ properties, additionalProperties }: Schema): string {
  if (properties !== undefined) return `{${Object.keys(properties).join(", ")}}`;
  return typeof additionalProperties === "object" ? `map of ${typeName(additionalProperties)}` : "map";
}
