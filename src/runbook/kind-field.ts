import { isScalar } from "yaml";
import type { Json } from "../model/json.js";
import type { Step } from "../model/runbook.js";
import { compileBinding } from "./bind/bind.js";
import type { Draft } from "./draft.js";
import { type Loading, refuse, under } from "./loading.js";
import { scalarText } from "./located.js";
import { stepKeys } from "./shape.js";
import { checkShape, explainIssues, type Part } from "./shape-check.js";
import { locate, rangeOf } from "./tree.js";

type Field = Pick<Step, "written" | "bind" | "conditions">;

/**
 * Reads what stands under a step's kind: shorthands are normalised, texts compiled against the names of the place, and what
 * is known before the run is held against the kind's schema. null, with diagnostics, when the step cannot run.
 */
export function readField(loading: Loading, { part, kind, kindKey }: Draft): Field | null {
  const { tree } = loading;
  if (kind === null || kindKey === null) return null;
  const field = asText(under(part, kindKey));
  if (tree.spoilt.has(field.node)) return null;
  const value = kind.normalise?.(field.value) ?? field.value;
  if (value === null) {
    // The text of a note step is a key that any step may have, and was looked at as that.
    if (kindKey === "note") return null;
    refuse(loading, "null-value", `"${kindKey}": expected what the step needs, found nothing`, field.node);
    return null;
  }
  const normal = { node: field.node, value };
  const { written, issues } = checkShape(tree, normal, kind.spec);
  // The text of a note step is its note, and compiled as that.
  if (kindKey === "note")
    return issues.length === 0 ? { written, bind: constant(tree.source.place(...rangeOf(field.node)), written) } : null;
  const place = tree.source.place(...rangeOf(field.node));
  const { template, conditions, templatedPaths, diagnostics } = compileBinding({
    kind,
    written,
    locate: (path) => locate(tree, field.node, written, path),
    names: loading.names,
    secrets: loading.secrets,
    place,
  });
  const elsewhere = (key: string) =>
    Object.hasOwn(stepKeys, key) ? `it is a key of the step: write it beside "${kindKey}"` : null;
  const faults = explainIssues(
    tree,
    { node: field.node, value: written },
    kind.spec,
    issues,
    templatedPaths,
    elsewhere,
  );
  loading.diagnostics.push(...diagnostics, ...faults);
  if (template === null || faults.length > 0) return null;
  return conditions.size === 0 ? { written, bind: template } : { written, bind: template, conditions };
}

/** A kind's field is never a lone number or boolean: `run: true` is the text. */
function asText(part: Part): Part {
  const bare = typeof part.value === "number" || typeof part.value === "boolean";
  return bare && isScalar(part.node) ? { node: part.node, value: scalarText(part.node) } : part;
}

const constant = (place: Step["place"], written: Json): Step["bind"] => ({
  place,
  reads: [],
  outline: () => JSON.stringify(written),
  render: () => ({ ok: true, value: { spec: written, exported: {} } }),
});
