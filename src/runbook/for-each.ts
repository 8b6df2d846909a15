import { isScalar } from "yaml";
import { isJsonObject } from "../model/json.js";
import type { ForEach } from "../model/runbook.js";
import type { Template } from "../model/scope.js";
import { Absent, type Value } from "../model/value.js";
import { describe as describeValue, fromValue } from "./cel/value.js";
import type { Draft } from "./draft.js";
import { entries, items, keyNode, type Loading, readCondition, refuse, textOf, under } from "./loading.js";
import { checkName } from "./names.js";
import { describe, type Part } from "./shape-check.js";
import { compileValue } from "./template/template.js";
import { rangeOf } from "./tree.js";
import { dyn, type Type, unify } from "./type.js";

interface Rounds extends Pick<ForEach, "name"> {
  /** null, with diagnostics, when it is of no use. */
  readonly list: ForEach["list"] | null;
  /** Type of the list's elements. */
  readonly element: Type;
}

type ListTemplate = Template<readonly Value[]>;

/**
 * `for_each`: a list, whose element is `item`, or `{name: list}`. The list is written out, a lone mustache, or CEL. null when there
 * is none.
 */
export function readForEach(loading: Loading, { part, keys }: Draft): Rounds | null {
  if (keys.for_each === undefined) return null;
  const written = under(part, "for_each");
  if (loading.tree.spoilt.has(written.node)) return rounds("item", null);
  if (!isJsonObject(written.value)) return rounds("item", readList(loading, written));
  const [only, second] = entries(written);
  if (only === undefined || second !== undefined) {
    refuse(loading, "wrong-type", '"for_each": expected one name with a list, as in {port: ports}', written.node);
    return rounds(only?.[0] ?? "item", null);
  }
  const [name, list] = only;
  const key = keyNode(written, name);
  const bad = name === "item" ? null : checkName(name, loading.tree.source.place(...rangeOf(key)));
  if (bad !== null) loading.diagnostics.push(bad);
  else if (loading.names.isDefined(name)) {
    refuse(
      loading,
      "duplicate-name",
      `"${name}" is defined already and cannot name the element as well`,
      key,
      "choose another name",
    );
  }
  return rounds(name, readList(loading, list));
}

const rounds = (name: string, list: { readonly list: ListTemplate; readonly element: Type } | null): Rounds =>
  list === null ? { name, list, element: dyn } : { name, ...list };

function readList(loading: Loading, part: Part): { readonly list: ListTemplate; readonly element: Type } | null {
  const { value } = part;
  if (Array.isArray(value)) return writtenList(loading, part);
  if (typeof value !== "string" || !isScalar(part.node)) {
    refuse(loading, "wrong-type", `"for_each": expected a list, found ${describe(value)}`, part.node);
    return null;
  }
  return value.includes("{{") ? mustacheList(loading, part) : celList(loading, part);
}

function elementOf(loading: Loading, part: Part, type: Type): Type | null {
  if (type.kind === "list") return type.of;
  if (type.kind === "dyn") return dyn;
  refuse(loading, "wrong-type", `"for_each": expected a list, found a value of type ${type.kind}`, part.node);
  return null;
}

function celList(loading: Loading, part: Part) {
  const { condition, type } = readCondition(loading, part, "value");
  const element = condition === null ? null : elementOf(loading, part, type);
  if (condition === null || element === null) return null;
  const list: ListTemplate = {
    place: condition.place,
    reads: condition.reads,
    outline: (scope) => {
      const found = condition.evaluate(scope);
      return found.kind === "value" && found.value !== null ? JSON.stringify(found.value) : `‹${condition.text}›`;
    },
    render(scope) {
      const found = condition.evaluate(scope);
      if (found.kind === "error") return { ok: false, message: found.message };
      if (found.kind === "unknown") return { ok: false, message: `${condition.text} is unknown: ${found.because}` };
      return asList(found.value, condition.text);
    },
  };
  return { list, element };
}

function mustacheList(loading: Loading, part: Part) {
  const { template, type, diagnostics } = compileValue(textOf(loading, part), loading.names);
  loading.diagnostics.push(...diagnostics);
  const element = template === null ? null : elementOf(loading, part, type);
  if (template === null || element === null) return null;
  const list: ListTemplate = {
    place: template.place,
    reads: template.reads,
    outline: (scope) => template.outline(scope),
    render(scope) {
      const found = template.render(scope);
      return found.ok ? asList(found.value, textOf(loading, part).text) : found;
    },
  };
  return { list, element };
}

function writtenList(loading: Loading, part: Part) {
  const elements = items(part).map((item) => {
    if (typeof item.value !== "string") return { value: item.value, type: typeOfJson(item.value) };
    const { template, type, diagnostics } = compileValue(textOf(loading, item), loading.names);
    loading.diagnostics.push(...diagnostics);
    return { template, type };
  });
  const types = elements.map(({ type }) => type);
  const templates = elements.flatMap(({ template }) => template ?? []);
  const list: ListTemplate = {
    place: loading.tree.source.place(...rangeOf(part.node)),
    reads: [...new Set(templates.flatMap(({ reads }) => reads))],
    outline: (scope) =>
      `[${elements.map(({ template, value }) => template?.outline(scope) ?? JSON.stringify(value ?? null)).join(", ")}]`,
    render(scope) {
      const values: Value[] = [];
      for (const { template, value } of elements) {
        const found = template?.render(scope) ?? ({ ok: true, value: value ?? null } as const);
        if (!found.ok) return found;
        values.push(found.value);
      }
      return { ok: true, value: values };
    },
  };
  return { list, element: types.length === 0 ? dyn : types.reduce(unify) };
}

function asList(value: Value, text: string): ReturnType<ListTemplate["render"]> {
  // The guard for arrays does not narrow readonly ones.
  if (Array.isArray(value)) return { ok: true, value: value as readonly Value[] };
  if (value === null || value instanceof Absent) {
    const because = value === null ? "" : `: ${value.because}`;
    return { ok: false, message: `expected a list, but ${text} is null${because}` };
  }
  return { ok: false, message: `expected a list, but ${text} is ${describeValue(fromValue(value))}` };
}

/** The type of a value that is written out; what maps and lists hold is left open. */
function typeOfJson(value: unknown): Type {
  if (typeof value === "number") return { kind: Number.isInteger(value) ? "int" : "double" };
  if (typeof value === "boolean") return { kind: "bool" };
  if (value === null) return { kind: "null" };
  return Array.isArray(value) ? { kind: "list", of: dyn } : dyn;
}
