import type { Template } from "../model/scope.js";
import { Absent } from "../model/value.js";
import { type Loading, textOf } from "./loading.js";
import { describe, type Part } from "./shape-check.js";
import { compileValue } from "./template/template.js";
import { rangeOf } from "./tree.js";
import type { Type } from "./type.js";

/** How an amount is written and shown: a duration, a number of attempts. */
export interface AmountForm {
  /** null: it is none. */
  parse(written: string | number): number | null;
  show(amount: number): string;
  /** For messages: `a duration such as 30s`. */
  readonly expected: string;
}

/** A key of a step that takes an amount: written out, or one mustache of a number or a text. null, with diagnostics, when it is neither. */
export function readAmount(loading: Loading, part: Part, form: AmountForm): Template<number> | null {
  const { value } = part;
  if (typeof value === "string" && value.includes("{{")) return readMustache(loading, part, form);
  const amount = typeof value === "string" || typeof value === "number" ? form.parse(value) : null;
  if (amount === null) return null; // said when the key was read
  return {
    place: loading.tree.source.place(...rangeOf(part.node)),
    reads: [],
    outline: () => form.show(amount),
    render: () => ({ ok: true, value: amount }),
  };
}

/** Types that may turn out to be an amount. */
const possible: readonly Type["kind"][] = ["int", "string", "dyn", "null"];

function readMustache(loading: Loading, part: Part, form: AmountForm): Template<number> | null {
  const source = textOf(loading, part);
  const { template, type, diagnostics } = compileValue(source, loading.names);
  loading.diagnostics.push(...diagnostics);
  if (template === null) return null;
  if (!possible.includes(type.kind)) {
    const message = `expected ${form.expected}, found ${source.text.trim()}, which is of type ${type.kind}`;
    loading.diagnostics.push({ severity: "error", code: "wrong-type", message, place: source.place() });
    return null;
  }
  const isNull = (value: unknown): boolean => value === null || value instanceof Absent;
  const render: Template<number>["render"] = (scope) => {
    const rendered = template.render(scope);
    if (!rendered.ok) return rendered;
    const { value } = rendered;
    const amount = typeof value === "string" || typeof value === "number" ? form.parse(value) : null;
    if (amount !== null) return { ok: true, value: amount };
    return { ok: false, message: `expected ${form.expected}, found ${isNull(value) ? "null" : describe(value)}` };
  };
  return {
    place: template.place,
    reads: template.reads,
    notWritten(scope) {
      const rendered = template.render(scope);
      return rendered.ok && isNull(rendered.value);
    },
    outline(scope) {
      const rendered = render(scope);
      return rendered.ok ? form.show(rendered.value) : template.outline(scope);
    },
    render,
  };
}
