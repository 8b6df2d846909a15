import { isMap, isScalar, isSeq, type Node } from "yaml";
import type * as z from "zod";
import type { Diagnostic } from "../model/diagnostic.js";
import { isJsonObject, type Json } from "../model/json.js";
import type { RichText } from "../model/rich-text.js";
import type { Condition, Template } from "../model/scope.js";
import type { AnyStepKind, StepKinds } from "../model/step-kind.js";
import { nearMiss } from "../util/near-miss.js";
import { compileCondition } from "./condition.js";
import type { Located } from "./located.js";
import { unknownIfMasked } from "./masked.js";
import type { Namespace } from "./names.js";
import type { LoadedUse, OpenedFile, RunbookFiles } from "./runbook-files.js";
import { checkShape, describe, type Elsewhere, explainIssues, type Part, unknownKey } from "./shape-check.js";
import { compileRich, compileText } from "./template/template.js";
import { locate, pairOf, rangeOf, type Tree } from "./tree.js";
import { dyn, record, type Type, typeOfSchema } from "./type.js";

/** What the parts of loading share: the file, what is known so far, and the mistakes found. */
export interface Loading {
  readonly tree: Tree;
  readonly kinds: StepKinds;
  /** The keys of `kinds`, which each step asks for. */
  readonly kindNames: readonly string[];
  readonly names: Namespace;
  readonly secrets: Set<string>;
  readonly hypotheses: string[];
  readonly diagnostics: Diagnostic[];
  readonly files: RunbookFiles;
  /** The runbooks around this one, the outermost first, and itself. */
  readonly chain: readonly { readonly file: string; readonly identity: string }[];
  /** Loads a runbook that this one uses, once however often that is done. */
  readonly loadUse: (opened: Extract<OpenedFile, { readonly ok: true }>) => LoadedUse;
  /** Types of kinds' results and of what they hold while open, worked out once for all steps. */
  readonly types: {
    readonly result: SchemaTypes;
    readonly opened: SchemaTypes;
    /** A result's type without the fields of these names. */
    readonly filled: NamedTypes;
    /** What an id holds, by the type of its result and the names of its expectations. */
    readonly row: NamedTypes;
  };
}

/** Types made of another, by names that stand one after the other. */
type NamedTypes = Map<ObjectType, Map<string, ObjectType>>;

export type ObjectType = Extract<Type, { kind: "object" }>;

type SchemaTypes = Map<z.ZodType, ObjectType>;

type Keys = Readonly<Record<string, z.ZodType>>;

export type Read<K extends Keys> = { readonly [P in keyof K]?: z.output<K[P]> };

export function refuse(loading: Loading, code: string, message: string, node: Node, hint?: string): void {
  const place = loading.tree.source.place(...rangeOf(node));
  loading.diagnostics.push({ severity: "error", code, message, place, ...(hint !== undefined && { hint }) });
}

/** The value under a key, with its node; where nothing is written after the colon, the key's. */
export function under(part: Part, key: string): Part {
  const pair = pairOf(part.node, key);
  const node = pair?.value ?? pair?.key ?? part.node;
  const value = isJsonObject(part.value) && Object.hasOwn(part.value, key) ? part.value[key] : undefined;
  return { node: node as Node, value: value ?? null }; // a composed document holds nodes only
}

/** The node of a key itself. */
export const keyNode = (part: Part, key: string): Node =>
  (pairOf(part.node, key)?.key as Node | undefined) ?? part.node; // as above

/** The elements of a list. */
export function items(part: Part): readonly Part[] {
  if (!Array.isArray(part.value)) return [];
  const nodes: readonly unknown[] = isSeq(part.node) ? part.node.items : [];
  return part.value.map((value, index) => ({ node: (nodes[index] as Node | undefined) ?? part.node, value })); // as above
}

/** The entries of a map. */
export const entries = (part: Part): readonly (readonly [string, Part])[] =>
  isJsonObject(part.value) ? Object.keys(part.value).map((key) => [key, under(part, key)] as const) : [];

/**
 * Reads a map by a table of keys. Keys in neither `keys` nor `others` are refused, `required` ones missed; a key whose value
 * does not fit is reported and left out, the others stand.
 */
export function readKeys<K extends Keys>(
  loading: Loading,
  part: Part,
  keys: K,
  more: {
    readonly required?: readonly string[];
    readonly others?: readonly string[];
    readonly what?: string;
    readonly elsewhere?: Elsewhere;
  } = {},
): Read<K> {
  const { tree, diagnostics } = loading;
  if (tree.spoilt.has(part.node)) return {};
  if (!isJsonObject(part.value)) {
    refuse(loading, "wrong-type", `expected ${more.what ?? "a map"}, found ${describe(part.value)}`, part.node);
    return {};
  }
  const found: Record<string, unknown> = {};
  const known = () => [...Object.keys(keys), ...(more.others ?? [])];
  const written = Object.keys(part.value);
  for (const key of written) {
    const schema = Object.hasOwn(keys, key) ? keys[key] : undefined;
    if (schema !== undefined) {
      const value = readAs(loading, under(part, key), schema, key);
      if (value !== undefined) found[key] = value;
    } else if (!more.others?.includes(key))
      diagnostics.push(unknownKey(tree, part.node, key, known(), { elsewhere: more.elsewhere ?? null }));
  }
  for (const key of more.required ?? []) {
    if (written.includes(key) || written.some((other) => !known().includes(other) && nearMiss(other, known()) === key))
      continue;
    const first = isMap(part.node) ? (part.node.items[0]?.key as Node | undefined) : undefined; // a composed pair's key is a node
    refuse(loading, "missing-key", `"${key}" is missing`, first ?? part.node);
  }
  return found as Read<K>; // each value was parsed by its key's schema
}

/** One value by a schema; undefined, with diagnostics, when it does not fit. */
export function readAs<T>(loading: Loading, part: Part, schema: z.ZodType<T>, key?: string): T | undefined {
  const { tree } = loading;
  if (tree.spoilt.has(part.node)) return undefined;
  const { value, written, issues } = checkShape(tree, part, schema);
  if (issues.length === 0) return value;
  for (const found of explainIssues(tree, { ...part, value: written }, schema, issues)) {
    const message =
      key === undefined || found.message.includes(`"${key}"`) ? found.message : `"${key}": ${found.message}`;
    loading.diagnostics.push({ ...found, message });
  }
  return value;
}

/** The text of a part that was read as one. */
export const textOf = (loading: Loading, part: Part): Located => locate(loading.tree, part.node, part.value, []);

/** Compiles CEL; `want` says whether it has to be a condition. null, with diagnostics, when it does not compile. */
export function readCondition(
  loading: Loading,
  part: Part,
  want: "condition" | "value",
): { readonly condition: Condition | null; readonly type: Type } {
  if (loading.tree.spoilt.has(part.node) || !isScalar(part.node)) return { condition: null, type: dyn };
  const source = textOf(loading, part);
  const { condition, type, diagnostics } = compileCondition(source, loading.names);
  loading.diagnostics.push(...diagnostics);
  if (want === "condition" && diagnostics.length === 0 && !["bool", "dyn", "null"].includes(type.kind)) {
    const hint = "compare it with something, as in x == 1 or size(x) > 0";
    const message = `expected a condition (true or false), found ${type.kind === "string" ? "text" : `a value of type ${type.kind}`}`;
    loading.diagnostics.push({ severity: "error", code: "not-a-condition", message, place: source.place(), hint });
  }
  if (condition === null || (want === "value" && type.kind !== "bool")) return { condition, type };
  return { condition: unknownIfMasked(condition, loading.secrets), type };
}

export function readRich(loading: Loading, part: Part): Template<RichText> | null {
  if (loading.tree.spoilt.has(part.node)) return null;
  const { template, diagnostics } = compileRich(textOf(loading, part), loading.names);
  loading.diagnostics.push(...diagnostics);
  return template;
}

export function readText(loading: Loading, part: Part): Template<string> | null {
  if (loading.tree.spoilt.has(part.node)) return null;
  const { template, diagnostics } = compileText(textOf(loading, part), loading.names);
  loading.diagnostics.push(...diagnostics);
  return template;
}

/** The fields that a schema yields, and these; closed unless the schema is open. `null` stands for an unknown kind's schema. */
export function fieldsOf(
  types: SchemaTypes,
  schema: z.ZodType | undefined | null,
  more: Readonly<Record<string, Type>>,
): ObjectType {
  if (schema === undefined) return { kind: "object", fields: more };
  if (schema === null) return { kind: "object", fields: more, open: true };
  const known = types.get(schema);
  if (known !== undefined) return known;
  const own = typeOfSchema(schema);
  const type: ObjectType =
    own.kind === "object"
      ? { ...own, fields: { ...own.fields, ...more } }
      : { kind: "object", fields: more, open: true };
  types.set(schema, type);
  return type;
}

/** The fields of a kind's result, but for those that nothing fills with what is written. Steps written alike share one type. */
export function resultFields(
  { types }: Loading,
  kind: AnyStepKind | null,
  written: Json | null,
  more: Readonly<Record<string, Type>>,
): ObjectType {
  const all = fieldsOf(types.result, kind === null ? null : kind.result, more);
  const unfilled = written === null ? {} : (kind?.unfilled?.(written) ?? {});
  const names = Object.keys(unfilled);
  if (names.length === 0) return all;
  const known = types.filled.get(all)?.get(names.join(" "));
  if (known !== undefined) return known;
  const fields = record(Object.entries(all.fields).filter(([name]) => !names.includes(name)));
  const filled: ObjectType = { ...all, fields, unfilled };
  types.filled.set(all, (types.filled.get(all) ?? new Map()).set(names.join(" "), filled));
  return filled;
}
