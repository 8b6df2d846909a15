import { isScalar } from "yaml";
import type { Diagnostic, Result } from "../model/diagnostic.js";
import { parseYaml } from "./document.js";
import { scalarText } from "./located.js";
import { openSource } from "./source.js";
import { pairOf, readTree } from "./tree.js";

/**
 * Values for inputs from a YAML map of names. A scalar counts as written (`1.20` stays `1.20`), as on a command line; what it
 * has to be is the declaration's business. Lists are data.
 */
export function readInputsFile(text: string, file: string): Result<ReadonlyMap<string, unknown>> {
  const source = openSource(file, text);
  const parsed = parseYaml(source, "a map of input names to values");
  if (parsed.root === null) return { ok: false, diagnostics: parsed.diagnostics };
  const tree = readTree(parsed.root, source);
  const diagnostics: readonly Diagnostic[] = [...parsed.diagnostics, ...tree.diagnostics];
  if (diagnostics.length > 0) return { ok: false, diagnostics };
  const { root, value } = tree;
  const entries = Object.entries(value as object).map(([name, data]) => {
    // The root is a map, so its data is an object.
    const node = pairOf(root, name)?.value;
    return [name, isScalar(node) && data !== null ? scalarText(node) : data] as const;
  });
  return { ok: true, value: new Map(entries) };
}
