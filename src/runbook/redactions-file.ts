import { isMap, isScalar } from "yaml";
import type { Diagnostic, Result } from "../model/diagnostic.js";
import { compileRe2, type RE2JS } from "../util/re2.js";
import { parseYaml } from "./document.js";
import { scalarText } from "./located.js";
import { openSource } from "./source.js";
import { readTree } from "./tree.js";

/** Kinds of what is redacted and the patterns that find it, from a YAML map: `email: '\w+@[\w.]+'`. */
export function readRedactionsFile(text: string, file: string): Result<ReadonlyMap<string, RE2JS>> {
  const source = openSource(file, text);
  const parsed = parseYaml(source, "a map of kinds to RE2 patterns");
  if (parsed.root === null) return { ok: false, diagnostics: parsed.diagnostics };
  const diagnostics: Diagnostic[] = [...parsed.diagnostics, ...readTree(parsed.root, source).diagnostics];
  const patterns = new Map<string, RE2JS>();
  for (const { key, value } of isMap(parsed.root) ? parsed.root.items : []) {
    const node = isScalar(value) ? value : isScalar(key) ? key : null;
    const [start, end] = node?.range ?? [0, 0];
    const bad = (code: string, message: string): void =>
      void diagnostics.push({ severity: "error", code, message, place: source.place(start, end) });
    const kind = isScalar(key) ? scalarText(key) : "";
    if (!isKind.test(kind))
      bad("bad-kind", `expected a kind of letters, digits, _ and -, found ${JSON.stringify(kind)}`);
    if (!isScalar(value) || value.value === null) {
      bad("bad-pattern", `expected an RE2 pattern for ${kind}, found something else`);
      continue;
    }
    const compiled = compileRe2(scalarText(value), { multiline: true });
    if (!compiled.ok) bad("bad-pattern", `expected an RE2 pattern: ${compiled.message}`);
    else if (compiled.re2.matcher("").find())
      bad("bad-pattern", "expected a pattern that finds something, found one that matches nothing at all");
    else patterns.set(kind, compiled.re2);
  }
  return diagnostics.length === 0 ? { ok: true, value: patterns } : { ok: false, diagnostics };
}

const isKind = /^[A-Za-z][\w-]*$/;
