import { isMap, isScalar, isSeq, type Node } from "yaml";
import type { Diagnostic, Result } from "../model/diagnostic.js";
import { didYouMean } from "../util/near-miss.js";
import { compileRe2, type RE2JS } from "../util/re2.js";
import { parseYaml } from "./document.js";
import { scalarText } from "./located.js";
import { openSource } from "./source.js";
import { pairOf, rangeOf, readTree } from "./tree.js";

/** What of a kind is redacted: a pattern or a fixed text, the other being null. */
export interface RedactionRule {
  readonly kind: string;
  readonly replacement: string;
  readonly pattern: RE2JS | null;
  readonly text: string | null;
}

/** A text that is shorter would be found all over a report by chance. */
const shortest = 3;

const keys = ["pattern", "text", "replacement"];

/**
 * Kinds of what is redacted, from a YAML map: each a pattern (`email: '\w+@[\w.]+'`), or a map with `pattern` or `text`, which may be
 * lists, and a `replacement`.
 */
export function readRedactionsFile(text: string, file: string): Result<readonly RedactionRule[]> {
  const source = openSource(file, text);
  const parsed = parseYaml(source, "a map of kinds to RE2 patterns");
  if (parsed.root === null) return { ok: false, diagnostics: parsed.diagnostics };
  const diagnostics: Diagnostic[] = [...parsed.diagnostics, ...readTree(parsed.root, source).diagnostics];
  const rules: RedactionRule[] = [];
  const bad = (code: string, message: string, node: Node, hint?: string): void => {
    const place = source.place(...rangeOf(node));
    diagnostics.push({ severity: "error", code, message, place, ...(hint !== undefined && { hint }) });
  };

  const takePattern = (kind: string, node: Node, replacement: string): void => {
    const compiled = compileRe2(textOf(node), { multiline: true });
    if (!compiled.ok) bad("bad-pattern", `expected an RE2 pattern: ${compiled.message}`, node);
    else if (compiled.re2.matcher("").find())
      bad("bad-pattern", "expected a pattern that finds something, found one that matches nothing at all", node);
    else rules.push({ kind, replacement, pattern: compiled.re2, text: null });
  };

  const takeText = (kind: string, node: Node, replacement: string): void => {
    const hidden = textOf(node);
    if (hidden.trim().length < shortest) bad("bad-text", `expected a text of at least ${shortest} characters`, node);
    else if (replacement.includes(hidden)) {
      const shows = `expected a replacement that does not show what is redacted, found ${JSON.stringify(replacement)}`;
      bad("bad-text", shows, node);
    } else rules.push({ kind, replacement, pattern: null, text: hidden });
  };

  const takeMap = (kind: string, map: Node): void => {
    for (const { key } of isMap<Node, Node | null>(map) ? map.items : []) {
      if (keys.includes(textOf(key))) continue;
      bad(
        "unknown-key",
        `unknown key "${textOf(key)}"`,
        key,
        didYouMean(textOf(key), keys) ?? `known here: ${keys.join(", ")}`,
      );
    }
    const instead = pairOf(map, "replacement")?.value;
    const replacement = isScalar(instead) ? scalarText(instead) : usual(kind);
    const patterns = listed(pairOf(map, "pattern")?.value);
    const texts = listed(pairOf(map, "text")?.value);
    for (const node of patterns) takePattern(kind, node, replacement);
    for (const node of texts) takeText(kind, node, replacement);
    if (patterns.length + texts.length === 0)
      bad("bad-pattern", `expected a pattern or a text for ${kind}, found none`, map);
  };

  for (const { key, value } of isMap<Node, Node | null>(parsed.root) ? parsed.root.items : []) {
    const kind = textOf(key);
    const node = isScalar(value) ? value : key;
    if (!isKind.test(kind))
      bad("bad-kind", `expected a kind of letters, digits, _ and -, found ${JSON.stringify(kind)}`, node);
    if (isMap(value))
      takeMap(kind, value as Node); // a composed document holds nodes only
    else if (isScalar(value) && value.value !== null) takePattern(kind, value, usual(kind));
    else bad("bad-pattern", `expected an RE2 pattern for ${kind}, found something else`, node);
  }
  return diagnostics.length === 0 ? { ok: true, value: rules } : { ok: false, diagnostics };
}

const isKind = /^[A-Za-z][\w-]*$/;

const usual = (kind: string): string => `[redacted:${kind}]`;

const textOf = (node: unknown): string => (isScalar(node) ? scalarText(node) : "");

/** One text, or several. */
const listed = (value: unknown): readonly Node[] =>
  isSeq<Node>(value) ? value.items : isScalar(value) && value.value !== null ? [value] : [];
