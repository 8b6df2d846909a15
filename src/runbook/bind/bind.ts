import type * as z from "zod";
import type { Diagnostic, Place } from "../../model/diagnostic.js";
import type { Json } from "../../model/json.js";
import type { Binding } from "../../model/runbook.js";
import type { Condition, Rendered, Scope, Template } from "../../model/scope.js";
import type { AnyStepKind } from "../../model/step-kind.js";
import { Absent, CutText, toJson, type Value } from "../../model/value.js";
import { describe, fromValue } from "../cel/value.js";
import { expectation } from "../expectation.js";
import { textOf } from "../text-of.js";
import { record } from "../type.js";
import { adapt } from "./schema.js";
import { exportNames } from "./shell.js";
import { type Field, type FieldPath, type FieldSource, walkField } from "./walk.js";

/** A step's field with all that `compileBinding` needs to know of it. */
interface BindingSource extends FieldSource {
  /** The kind's field, shorthands normalised. */
  readonly written: Json;
  readonly place: Place;
}

interface CompiledBinding {
  readonly template: Template<Binding> | null;
  /** By their path, joined with dots. */
  readonly conditions: ReadonlyMap<string, Condition>;
  /** Where a value is filled in: what `spec` says of the written text there counts for nothing. */
  readonly templatedPaths: readonly FieldPath[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Compiles a step's field by the roles of its kind's spec. `render` fills values in, drops fields that are one mustache
 * of a null, parses the rest by `spec`, and gathers what shell texts mention. `outline` is the field as JSON, filled in
 * as far as values are known.
 */
export function compileBinding(source: BindingSource): CompiledBinding {
  const { kind, written, place } = source;
  const { field, reads, mentions, templatedPaths, conditions, diagnostics } = walkField(written, source);
  if (diagnostics.length > 0) return { template: null, conditions, templatedPaths, diagnostics };
  const template: Template<Binding> = {
    place,
    reads: [...reads],
    outline: (scope) => JSON.stringify(outlineField(field, scope)),
    render(scope) {
      const exported = exportNames(mentions, scope);
      if (!exported.ok) return exported;
      const dropped = new Map<string, string>();
      const value = renderField(field, scope, [], dropped);
      if (!value.ok) return { ok: false, message: `${kind.name}: ${value.message}` };
      if (value.value === notWritten)
        return { ok: false, message: `${kind.name}: ${dropped.get("") ?? "nothing was written"}` };
      const parsed = kind.spec.safeParse(value.value);
      if (parsed.success) return { ok: true, value: { spec: parsed.data, exported: exported.value } };
      return { ok: false, message: explain(kind, parsed.error.issues, value.value, dropped) };
    },
  };
  return { template, conditions, templatedPaths, diagnostics };
}

/** What a lone mustache of a null leaves. */
const notWritten = Symbol("not written");

const keyOf = (path: readonly PropertyKey[]): string => path.map(String).join(".");

/** `dropped` takes the fields that count as not written, each with why. */
function renderField(
  field: Field,
  scope: Scope,
  path: FieldPath,
  dropped: Map<string, string>,
): Rendered<Value | typeof notWritten> {
  switch (field.kind) {
    case "fixed":
      return { ok: true, value: field.value };
    case "filled":
      return renderFilled(field, scope, path, dropped);
    case "object": {
      const entries: [string, Value][] = [];
      for (const [key, inner] of field.entries) {
        const rendered = renderField(inner, scope, [...path, key], dropped);
        if (!rendered.ok) return rendered;
        if (rendered.value !== notWritten) entries.push([key, rendered.value]);
      }
      return { ok: true, value: record(entries) };
    }
    case "list": {
      const items: Value[] = [];
      for (const [index, inner] of field.items.entries()) {
        const rendered = renderField(inner, scope, [...path, index], dropped);
        if (!rendered.ok) return rendered;
        // Leaving an argument out would be another command.
        if (rendered.value === notWritten) {
          return refuse(
            [...path, index],
            dropped.get(keyOf([...path, index])) ?? "an element of a list cannot be null",
          );
        }
        items.push(rendered.value);
      }
      return { ok: true, value: items };
    }
  }
}

function renderFilled(
  field: Extract<Field, { kind: "filled" }>,
  scope: Scope,
  path: FieldPath,
  dropped: Map<string, string>,
): Rendered<Value | typeof notWritten> {
  const rendered = field.template.render(scope);
  if (!rendered.ok) return refuse(path, rendered.message);
  const { value } = rendered;
  if (value === null || value instanceof Absent) {
    dropped.set(keyOf(path), `${field.written} is null${value instanceof Absent ? `: ${value.because}` : ""}`);
    return { ok: true, value: notWritten };
  }
  if (value instanceof CutText)
    return refuse(path, `${field.written} was cut: ${value.omittedBytes} bytes were left out`);
  if (!field.list) return { ok: true, value: adapt(value, field.spot) };
  if (!Array.isArray(value))
    return refuse(path, `expected a list of arguments, ${field.written} is ${describe(fromValue(value))}`);
  const given: string[] = [];
  for (const item of value as readonly Value[]) {
    // isArray forgets the elements' type
    if (item === null || (typeof item === "object" && !(item instanceof Date))) {
      return refuse(path, `expected a list of arguments, ${field.written} holds ${describe(fromValue(item))}`);
    }
    given.push(textOf(item));
  }
  return { ok: true, value: given };
}

const refuse = (path: FieldPath, message: string) =>
  ({ ok: false, message: path.length === 0 ? message : `${keyOf(path)}: ${message}` }) as const;

function outlineField(field: Field, scope: Scope): Json {
  switch (field.kind) {
    case "fixed":
      return field.value;
    case "filled": {
      const rendered = field.lone ? field.template.render(scope) : null;
      const known = rendered?.ok === true && rendered.value !== null && !(rendered.value instanceof Absent);
      return known ? toJson(adapt(rendered.value, field.spot)) : field.template.outline(scope);
    }
    case "object":
      return record(
        field.entries
          .filter(([, inner]) => !isLeftOut(inner, scope))
          .map(([key, inner]) => [key, outlineField(inner, scope)]),
      );
    case "list":
      return field.items.map((item) => outlineField(item, scope));
  }
}

/** Whether it is one mustache of what is known to be null, so that it counts as not written. */
function isLeftOut(field: Field, scope: Scope): boolean {
  if (field.kind !== "filled" || !field.lone || !field.template.reads.every((name) => scope.has(name))) return false;
  const rendered = field.template.render(scope);
  return rendered.ok && (rendered.value === null || rendered.value instanceof Absent);
}

/** What zod found wrong with the filled-in field, in one sentence for each. */
function explain(
  kind: AnyStepKind,
  issues: readonly z.core.$ZodIssue[],
  value: Value,
  dropped: ReadonlyMap<string, string>,
): string {
  const sentences = issues.slice(0, 3).map((issue) => {
    const key = keyOf(issue.path);
    const expected = `${key === "" ? "" : `${key}: `}${expectation(issue)}`;
    const why = dropped.get(key);
    if (why !== undefined) return `${expected}, but ${why}`;
    const below = [...dropped].filter(([path]) => path.split(".").slice(0, -1).join(".") === key);
    if (below.length > 0) return `${expected}; ${below.map(([path, null_]) => `without ${path}: ${null_}`).join("; ")}`;
    const found = valueAt(value, issue.path);
    // Of what the keys of a map must be together, that it is a map tells nothing.
    const isTogether = issue.code === "custom" && typeof found === "object" && found !== null;
    return isTogether || expected.includes(" found ") ? expected : `${expected}, found ${describe(fromValue(found))}`;
  });
  return `${kind.name}: ${sentences.join("; ")}`;
}

function valueAt(value: Value, path: readonly PropertyKey[]): Value {
  let found: unknown = value;
  for (const key of path) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, key)) return null;
    found = (found as Readonly<Record<PropertyKey, unknown>>)[key]; // an own key, as just seen
  }
  return found as Value; // a part of a value is one
}
