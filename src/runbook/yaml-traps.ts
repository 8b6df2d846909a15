import { isMap, isScalar, type Pair, Scalar, type YAMLMap, type YAMLSeq } from "yaml";
import type { Diagnostic } from "../model/diagnostic.js";
import type { Source } from "./source.js";
import { valuesOf, type WrittenValue } from "./written-values.js";

/**
 * What YAML reads as something other than the author meant: a mustache as a flow map, ` #` as a comment, a comma in a call as
 * the end of an item. All are cured by quotes, so every message shows the quoted value.
 */
function trap(code: string, message: string, source: Source, start: number, end: number): Diagnostic {
  const written = source.text.slice(start, end);
  return { severity: "error", code, message, place: source.place(start, end), hint: `quote it: ${quoted(written)}` };
}

/** A text as it may stand in YAML: in the kind of quotes that needs no escapes. */
export function quoted(text: string): string {
  const line = text.replace(/\s*\n\s*/g, " ");
  return /["\\]/.test(line) && !line.includes("'") ? `'${line}'` : JSON.stringify(line);
}

/** The unquoted mustache, if there is one, of the value that `offset` belongs to. */
export function unquotedMustacheAt(source: Source, offset: number): Diagnostic | null {
  const found = valueAt(source, offset);
  if (found === null || found.quoted || !source.text.slice(found.start, found.end).includes("{{")) return null;
  return trap("unquoted-mustache", "YAML reads {{…}} without quotes as a map", source, found.start, found.end);
}

/** What YAML makes of a value that begins with `!`. */
export const tagMessage = "YAML reads ! as the start of a tag, and tags are not allowed";

/** The value that `offset` belongs to where YAML gave up on it as a tag: a condition such as `!rows.exists(r, r.ok)`. */
export function unquotedTagAt(source: Source, offset: number): Diagnostic | null {
  const found = valueAt(source, offset);
  if (found === null || found.quoted || source.text[found.start] !== "!") return null;
  return trap("tag", tagMessage, source, found.start, found.end);
}

/** The value around a place where YAML gave up, quoted so that it would not have; null when that is no help. */
export function quotedValueAt(source: Source, offset: number): string | null {
  const found = valueAt(source, offset);
  return found === null || found.end - found.start > 200 ? null : quoted(source.text.slice(found.start, found.end));
}

/** The value of a line that `offset` belongs to. */
export function valueAt(source: Source, offset: number): WrittenValue | null {
  const lineStart = source.text.lastIndexOf("\n", offset - 1) + 1;
  const lineEnd = source.text.indexOf("\n", offset);
  const line = source.text.slice(lineStart, lineEnd === -1 ? undefined : lineEnd);
  const found = valuesOf(line).findLast((value) => lineStart + value.start <= offset);
  return found === undefined ? null : { ...found, start: lineStart + found.start, end: lineStart + found.end };
}
/** A plain scalar that ` #` ended, though the `#` was meant as text. */
export function cutByComment(node: Scalar, source: Source): Diagnostic | null {
  if (node.type !== Scalar.PLAIN || !node.range) return null;
  if (typeof node.value !== "string" && node.value !== null) return null;
  const [start, end] = node.range;
  // Nearly every value ends its line.
  const next = source.text[end];
  if (next === "\n" || next === undefined) return null;
  const lineEnd = source.text.indexOf("\n", end);
  const rest = source.text.slice(end, lineEnd === -1 ? undefined : lineEnd).trimEnd();
  const comment = /^[ \t]*#(.*)$/.exec(rest)?.[1];
  if (comment === undefined) return null;
  const value = source.text.slice(start, end);
  const tight = comment !== "" && /^[^\s#]/.test(comment);
  if (!tight && (node.value === null || !completes(value, comment))) return null;
  const found = trap(
    "cut-by-comment",
    "YAML reads ` #` and what follows as a comment",
    source,
    start,
    end + rest.length,
  );
  const hint = tight ? `${found.hint}; if a comment is meant, put a space after the #` : found.hint;
  const from = node.value === null ? source.place(end + rest.indexOf("#"), end + rest.length) : found.place;
  return { ...found, ...(from && { place: from }), ...(hint && { hint }) };
}

/** Whether the comment has the closing half of what the value leaves open. */
function completes(value: string, comment: string): boolean {
  const odd = (text: string, mark: string) => text.split(mark).length % 2 === 0;
  if (odd(value, '"') && odd(comment, '"')) return true;
  if (odd(value, "'") && odd(comment, "'")) return true;
  return openBrackets(value) > 0 && openBrackets(comment) < 0;
}

/** Opening minus closing brackets; those inside double or single quotes do not count. */
function openBrackets(text: string): number {
  const bare = text.replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/g, "");
  return (bare.match(/[([]/g)?.length ?? 0) - (bare.match(/[)\]]/g)?.length ?? 0);
}

/** A call that commas split into several items of a flow collection. */
export function splitByComma(node: YAMLSeq | YAMLMap, source: Source): Diagnostic | null {
  if (node.flow !== true) return null;
  const pieces = isMap(node) ? node.items.flatMap(ofPair) : node.items.filter(isPlainText);
  let open = 0;
  let first: Scalar | null = null;
  for (const piece of pieces) {
    open = Math.max(0, open + openBrackets(source.text.slice(piece.range?.[0] ?? 0, piece.range?.[1] ?? 0)));
    if (open > 0) first ??= piece;
    else if (first !== null) {
      const message = "YAML splits this at its commas into several items";
      return trap("split-by-comma", message, source, first.range?.[0] ?? 0, piece.range?.[1] ?? 0);
    }
  }
  return null;
}

const ofPair = (pair: Pair): readonly Scalar[] => [pair.key, pair.value].filter(isPlainText);

const isPlainText = (node: unknown): node is Scalar => isScalar(node) && node.type === Scalar.PLAIN;
