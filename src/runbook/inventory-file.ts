import { isMap, isScalar, type Node } from "yaml";
import type { Diagnostic, Result } from "../model/diagnostic.js";
import { didYouMean } from "../util/near-miss.js";
import { parseYaml } from "./document.js";
import { scalarText } from "./located.js";
import { openSource } from "./source.js";
import { pairOf, rangeOf, readTree } from "./tree.js";

/** A host that an inventory names. */
export interface InventoryHost {
  readonly name: string;
  /** As in `--host`. */
  readonly url: string;
  /** Texts as written, or data. */
  readonly inputs: ReadonlyMap<string, unknown>;
}

const keys = ["url", "inputs"];

/** The hosts of a YAML map `hosts`: each a URL, or `url` with `inputs`. Scalars count as written. */
export function readInventory(text: string, file: string): Result<readonly InventoryHost[]> {
  const source = openSource(file, text);
  const parsed = parseYaml(source, "a map with hosts");
  if (parsed.root === null) return { ok: false, diagnostics: parsed.diagnostics };
  const tree = readTree(parsed.root, source);
  const diagnostics: Diagnostic[] = [...parsed.diagnostics, ...tree.diagnostics];
  const refuse = (code: string, message: string, node: Node, hint?: string | null): void => {
    const place = source.place(...rangeOf(node));
    diagnostics.push({ severity: "error", code, message, place, ...(hint != null && { hint }) });
  };

  const hostsOf = (hosts: unknown): readonly InventoryHost[] => {
    if (!isMap<Node, Node | null>(hosts) || hosts.items.length === 0) {
      refuse("wrong-type", "expected hosts, each with its URL", (hosts as Node | null) ?? tree.root); // what is no map is a node
      return [];
    }
    return hosts.items.flatMap(({ key, value }) => {
      const name = isScalar(key) ? scalarText(key) : "";
      if (isScalar(value) && scalarText(value) !== "") return [{ name, url: scalarText(value), inputs: new Map() }];
      return isMap<Node, Node | null>(value) ? hostOf(name, value) : refused(name, key);
    });
  };

  const refused = (name: string, key: Node): readonly InventoryHost[] => {
    refuse("wrong-type", `expected a URL for the host "${name}", or a map with url and inputs`, key);
    return [];
  };

  const hostOf = (
    name: string,
    map: { readonly items: readonly { readonly key: Node }[] } & Node,
  ): readonly InventoryHost[] => {
    for (const { key } of map.items) {
      const word = isScalar(key) ? scalarText(key) : "";
      if (!keys.includes(word))
        refuse("unknown-key", `unknown key "${word}"`, key, didYouMean(word, keys) ?? "known here: url, inputs");
    }
    const url = pairOf(map, "url")?.value;
    if (!isScalar(url) || scalarText(url) === "") {
      refuse(
        "missing-key",
        `"url" is missing: where the host "${name}" is`,
        map,
        "as in --host: local, ssh://user@host",
      );
      return [];
    }
    const given = pairOf(map, "inputs")?.value;
    if (given !== undefined && !isMap<Node, Node | null>(given)) {
      refuse("wrong-type", "expected a map of inputs", given as Node); // a composed document holds nodes only
      return [];
    }
    const inputs = (given?.items ?? []).map(({ key, value }) => {
      const data = isScalar(value) && value.value !== null ? scalarText(value) : (value?.toJSON() ?? null);
      return [isScalar(key) ? scalarText(key) : "", data] as const;
    });
    return [{ name, url: scalarText(url), inputs: new Map(inputs) }];
  };

  for (const { key } of tree.root.items) {
    const word = isScalar(key) ? scalarText(key) : "";
    if (word !== "hosts")
      refuse("unknown-key", `unknown key "${word}"`, key as Node, didYouMean(word, ["hosts"]) ?? "known here: hosts");
  }
  const found = diagnostics.length === 0 ? hostsOf(pairOf(tree.root, "hosts")?.value ?? null) : [];
  return diagnostics.length === 0 ? { ok: true, value: found } : { ok: false, diagnostics };
}
