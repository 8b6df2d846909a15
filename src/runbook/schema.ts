import * as z from "zod";
import { isJsonObject, type Json, type JsonObject } from "../model/json.js";
import type { AnyStepKind, StepKinds } from "../model/step-kind.js";
import { namePattern } from "./names.js";
import { defaultsKeys, expectKeys, inputKeys, retryKeys, runbookKeys, stepKeys, verdictKeys } from "./shape.js";

/**
 * The JSON Schema (2020-12) of a runbook for editors, generated from the tables of keys and the kinds' schemas. It accepts
 * every sound runbook; what it cannot say (names, conditions) `check` does.
 */
export function runbookJsonSchema(kinds: StepKinds): JsonObject {
  const list = [...kinds.values()];
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "casebook runbook, version 1",
    ...mapOf(runbookKeys, ["casebook", "title", "steps"], {
      inputs: named({ anyOf: [mapOf(inputKeys, [], {}), { type: "null" }] }),
      hypotheses: named(text),
      defaults: mapOf(defaultsKeys, [], {}),
      steps: { type: "array", minItems: 1, items: { $ref: "#/$defs/step" } },
      verdict: { type: "array", minItems: 1, items: mapOf(verdictKeys, ["answer"], {}) },
    }),
    $defs: {
      step: step(list),
      ...Object.fromEntries(list.map((kind) => [kindDefinition(kind), kindSchema(kind)])),
    },
  };
}

/** Where text is expected a plain scalar counts as written. */
const text: JsonObject = { type: ["string", "number", "boolean"] };

const named = (of: JsonObject): JsonObject => ({
  type: "object",
  propertyNames: { pattern: namePattern.source },
  additionalProperties: of,
});

type Keys = Readonly<Record<string, z.ZodType>>;

/** A map with these keys; `better` says more than the table can of the ones that hold maps. */
function mapOf(keys: Keys, required: readonly string[], better: Readonly<Record<string, JsonObject>>): JsonObject {
  const properties = Object.entries(keys).map(([key, schema]): readonly [string, Json] => {
    const { description, ...own } = jsonSchemaOf(schema);
    return [key, { ...(description !== undefined && { description }), ...(better[key] ?? asWritten(own)) }];
  });
  return {
    type: "object",
    properties: Object.fromEntries(properties),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}

const kindDefinition = (kind: AnyStepKind): string => `kind-${kind.name}`;

function step(kinds: readonly AnyStepKind[]): JsonObject {
  const steps = { type: "array", minItems: 1, items: { $ref: "#/$defs/step" } };
  const forEachList = { anyOf: [{ type: "string" }, { type: "array" }] };
  const common = mapOf(stepKeys, [], {
    save: named(text),
    expect: named({ anyOf: [text, mapOf(expectKeys, ["that"], {})] }),
    retry: mapOf(retryKeys, ["times"], {}),
    for_each: {
      anyOf: [...forEachList.anyOf, { ...named(forEachList), minProperties: 1, maxProperties: 1 }],
    },
    env: { type: "object", additionalProperties: text },
    during: steps,
  });
  const others = kinds.filter(({ name }) => name !== "note");
  const ofKind = ({ name }: AnyStepKind): JsonObject => ({ required: [name] });
  const properties = isJsonObject(common.properties) ? common.properties : {};
  return {
    ...common,
    properties: {
      ...properties,
      ...Object.fromEntries(others.map((kind) => [kind.name, { $ref: `#/$defs/${kindDefinition(kind)}` }])),
    },
    // Exactly one kind; a note beside another kind is that step's note.
    oneOf: [...others.map(ofKind), { required: ["note"], not: { anyOf: others.map(ofKind) } }],
  };
}

/** A kind's field as written: its schema, its shorthands, and mustaches in place of values. */
function kindSchema(kind: AnyStepKind): JsonObject {
  const own = rebased(jsonSchemaOf(kind.written ?? kind.spec), `#/$defs/${kindDefinition(kind)}`);
  const { $defs, ...schema } = own;
  const shorthands = kind.written === undefined ? shorthandsOf(kind) : [];
  const field = templated(asWritten(schema));
  const definitions = isJsonObject($defs) ? Object.entries($defs) : [];
  return {
    description: kind.doc,
    ...(shorthands.length === 0 ? field : { anyOf: [...shorthands, field] }),
    ...(definitions.length > 0 && {
      $defs: Object.fromEntries(definitions.map(([name, inner]) => [name, templated(asWritten(inner))])),
    }),
  };
}

/** What a kind's normalising turns into something else is a shorthand that it takes. */
function shorthandsOf(kind: AnyStepKind): readonly JsonObject[] {
  const list: Json = ["x"];
  const takes = (written: Json) => (kind.normalise?.(written) ?? written) !== written;
  return [...(takes("x") ? [text] : []), ...(takes(list) ? [{ type: "array" }] : [])];
}

function jsonSchemaOf(schema: z.ZodType): JsonObject {
  const { $schema: _, "~standard": __, ...rest } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return JSON.parse(JSON.stringify(rest)) as JsonObject; // plain data once what JSON cannot hold is gone
}

/** Applies a change to every schema inside a schema, innermost first. */
function everywhere(schema: Json, change: (schema: JsonObject) => JsonObject): Json {
  if (Array.isArray(schema)) return schema.map((inner) => everywhere(inner, change));
  if (!isJsonObject(schema)) return schema;
  const entries = Object.entries(schema).map(([key, inner]): readonly [string, Json] => {
    // Under `properties` and `$defs` keys are names; under these, values are data.
    if (key === "enum" || key === "const" || key === "default" || key === "examples" || key === "required")
      return [key, inner];
    if ((key === "properties" || key === "$defs") && isJsonObject(inner)) {
      return [key, Object.fromEntries(Object.entries(inner).map(([name, of]) => [name, everywhere(of, change)]))];
    }
    return [key, everywhere(inner, change)];
  });
  return change(Object.fromEntries(entries));
}

const changed = (schema: Json, change: (schema: JsonObject) => JsonObject): JsonObject => {
  const after = everywhere(schema, change);
  return isJsonObject(after) ? after : {};
};

/** Plain scalars where text is expected. */
const asWritten = (schema: Json): JsonObject =>
  changed(schema, (inner) =>
    inner.type === "string" && inner.enum === undefined && inner.const === undefined ? { ...inner, ...text } : inner,
  );

const mustache = { type: "string", pattern: "\\{\\{" };

/** A mustache in place of whatever is not text anyway. */
const templated = (schema: Json): JsonObject =>
  changed(schema, (inner) => {
    const isValue =
      inner.enum !== undefined ||
      inner.const !== undefined ||
      inner.pattern !== undefined ||
      ["integer", "number", "boolean", "array"].includes(String(inner.type));
    if (!isValue || inner.type === undefined) return inner;
    const { description, ...rest } = inner;
    return { ...(description !== undefined && { description }), anyOf: [rest, mustache] };
  });

/** References of a schema that becomes a definition in another one. */
const rebased = (schema: JsonObject, base: string): JsonObject =>
  changed(schema, (inner) =>
    typeof inner.$ref === "string" ? { ...inner, $ref: `${base}${inner.$ref.replace(/^#/, "")}` } : inner,
  );
