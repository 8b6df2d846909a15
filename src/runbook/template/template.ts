import type { Diagnostic } from "../../model/diagnostic.js";
import { placeholder, type RichText } from "../../model/rich-text.js";
import type { Rendered, Scope, Template } from "../../model/scope.js";
import { Absent, CutText, type Value } from "../../model/value.js";
import type { Located } from "../located.js";
import type { NameTable } from "../names.js";
import { textOf } from "../text-of.js";
import { dyn, type Type } from "../type.js";
import { checkTemplate } from "./names.js";
import { type Path, parseTemplate, type TemplateNode } from "./parse.js";
import { lookupPath, type Met, render } from "./render.js";

/** What came of a text with mustaches. A template that has diagnostics is null. */
interface CompiledTemplate<T> {
  readonly template: Template<T> | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** A text for machines: an argument, an environment variable. A value that is null or was cut fails it. */
export function compileText(source: Located, names: NameTable): CompiledTemplate<string> {
  const { nodes, reads, diagnostics } = compile(source, names, false);
  if (diagnostics.length > 0) return { template: null, diagnostics };
  return { template: textTemplate(source, nodes, reads), diagnostics };
}

/**
 * A text for people: Markdown with `{{#if}}`, `{{#unless}}` and `{{#each}}`. Blocks are expanded, values become
 * placeholders, so that a value never becomes markup. A null value fails it; a cut one is shown as such.
 */
export function compileRich(source: Located, names: NameTable): CompiledTemplate<RichText> {
  const { nodes, reads, diagnostics } = compile(source, names, true);
  if (diagnostics.length > 0) return { template: null, diagnostics };
  const template: Template<RichText> = {
    place: source.place(),
    reads,
    outline: (scope) => outlineOf(nodes, scope),
    notWritten: (scope) => isNull(lonePath(nodes), scope),
    render: (scope) => renderRich(nodes, scope),
  };
  return { template, diagnostics };
}

/** A field. One that is exactly one mustache yields the value itself, of the type given; anything else a text. */
export function compileValue(
  source: Located,
  names: NameTable,
): CompiledTemplate<Value> & { readonly type: Type; readonly lone: boolean } {
  const { nodes, reads, type, diagnostics } = compile(source, names, false);
  const path = lonePath(nodes);
  const lone = path !== null;
  if (diagnostics.length > 0) return { template: null, type: lone ? type : dyn, lone, diagnostics };
  if (path === null) {
    return { template: textTemplate(source, nodes, reads), type: { kind: "string" }, lone, diagnostics };
  }
  const template: Template<Value> = {
    place: source.place(),
    reads,
    outline: (scope) => outlineOf(nodes, scope),
    render(scope) {
      const met = lookupPath(path, scope);
      return "missing" in met ? { ok: false, message: met.missing } : { ok: true, value: met.value };
    },
  };
  return { template, type, lone, diagnostics };
}

interface Compiled {
  readonly nodes: readonly TemplateNode[];
  readonly reads: readonly string[];
  readonly type: Type;
  readonly diagnostics: readonly Diagnostic[];
}

function compile(source: Located, names: NameTable, blocks: boolean): Compiled {
  const { nodes, diagnostics } = parseTemplate(source, blocks);
  if (diagnostics.length > 0) return { nodes, reads: [], type: dyn, diagnostics };
  return { nodes, ...checkTemplate(nodes, source, names) };
}

function lonePath(nodes: readonly TemplateNode[]): Path | null {
  const [node] = nodes;
  return nodes.length === 1 && node?.type === "value" ? node.path : null;
}

function isNull(path: Path | null, scope: Scope): boolean {
  if (path === null) return false;
  const met = lookupPath(path, scope);
  return "value" in met && (met.value === null || met.value instanceof Absent);
}

function textTemplate(source: Located, nodes: readonly TemplateNode[], reads: readonly string[]): Template<string> {
  return {
    place: source.place(),
    reads,
    outline: (scope) => outlineOf(nodes, scope),
    notWritten: (scope) => isNull(lonePath(nodes), scope),
    render: (scope) => renderText(nodes, scope),
  };
}

function renderText(nodes: readonly TemplateNode[], scope: Scope): Rendered<string> {
  const parts: string[] = [];
  let fault: string | null = null;
  render(nodes, scope, {
    text: (text) => void parts.push(text),
    value(path, met) {
      const value = present(path, met);
      if (typeof value === "string") fault ??= value;
      else if (value.value instanceof CutText)
        fault ??= `{{${path.written}}} was cut: ${value.value.omittedBytes} bytes were left out`;
      else parts.push(textOf(value.value));
    },
  });
  return fault === null ? { ok: true, value: parts.join("") } : { ok: false, message: fault };
}

/** A value that is not null, or a sentence why there is none. */
function present(path: Path, met: Met): { readonly value: Exclude<Value, null> } | string {
  if ("missing" in met) return met.missing;
  if (met.value instanceof Absent) return `{{${path.written}}} is null: ${met.value.because}`;
  return met.value === null ? `{{${path.written}}} is null` : { value: met.value };
}

/** The characters that stand around a placeholder are from the private use area: in a text they mean nothing to anybody. */
const reserved = /[\uE000\uE001]/g;

const withoutReserved = (text: string): string => text.replace(reserved, "\uFFFD");

function renderRich(nodes: readonly TemplateNode[], scope: Scope): Rendered<RichText> {
  const parts: string[] = [];
  const values: string[] = [];
  let fault: string | null = null;
  const gaveUp = render(nodes, scope, {
    text: (text) => void parts.push(withoutReserved(text)),
    value(path, met) {
      const value = present(path, met);
      parts.push(placeholder(values.length));
      if (typeof value === "string") {
        fault ??= value;
        values.push(`‹${path.written}›`);
      } else
        values.push(withoutReserved(value.value instanceof CutText ? value.value.toString() : textOf(value.value)));
    },
  });
  if (gaveUp !== null) return { ok: false, message: fault ?? gaveUp };
  const value = { markdown: parts.join(""), values };
  return fault === null ? { ok: true, value } : { ok: false, message: fault, partial: value };
}

function outlineOf(nodes: readonly TemplateNode[], scope: Scope): string {
  const parts: string[] = [];
  render(nodes, scope, {
    text: (text) => void parts.push(text),
    value(path, met) {
      const value = present(path, met);
      parts.push(typeof value === "string" ? `‹${path.written}›` : textOf(value.value));
    },
  });
  return parts.join("");
}
