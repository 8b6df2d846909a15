import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar, type YAMLMap } from "yaml";
import type { Diagnostic, Place } from "../model/diagnostic.js";
import { isJsonObject, type Json } from "../model/json.js";
import { type Located, locatedAt, locateScalar, scalarText } from "./located.js";
import type { Source } from "./source.js";
import { cutByComment, quoted, splitByComma, tagMessage, unquotedMustacheAt } from "./yaml-traps.js";

export type Path = readonly (string | number)[];

/** A YAML file as plain data that knows where each part stands, and what the language forbids in it. */
export interface Tree {
  readonly source: Source;
  readonly value: Json;
  readonly root: YAMLMap;
  /** Where each object and list of the data comes from, by identity: it survives being moved by a shorthand's normalising. */
  readonly origins: Map<object, Node>;
  /** Something was said of these already: mistakes at or below them are consequences. */
  readonly spoilt: ReadonlySet<Node>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Turns composed YAML into data. Refused: tags, anchors, aliases, duplicate keys, keys that are not texts, and the traps. */
export function readTree(root: YAMLMap, source: Source): Tree {
  const origins = new Map<object, Node>();
  const spoilt = new Set<Node>();
  const diagnostics: Diagnostic[] = [];

  const refuse = (node: Node, code: string, message: string, place: Place, hint?: string): void => {
    spoilt.add(node);
    diagnostics.push({ severity: "error", code, message, place, ...(hint !== undefined && { hint }) });
  };
  const refuseTrap = (node: Node, found: Diagnostic | null): boolean => {
    if (found === null) return false;
    spoilt.add(node);
    diagnostics.push(found);
    return true;
  };

  const convert = (node: unknown): Json => {
    if (isScalar(node)) return scalar(node);
    if (isMap(node)) {
      if (node.anchor !== undefined || node.tag !== undefined) properties(node);
      return map(node);
    }
    if (isSeq(node)) {
      if (node.anchor !== undefined || node.tag !== undefined) properties(node);
      refuseTrap(node, splitByComma(node, source));
      const list = node.items.map(convert);
      origins.set(list, node);
      return list;
    }
    if (isAlias(node)) {
      const [start, end] = rangeOf(node);
      const hint = `an alias refers to an anchor, which runbooks do not have; quote it: ${quoted(source.text.slice(start, end))}`;
      refuse(node, "alias", "aliases are not allowed", source.place(start, end), hint);
    }
    return null;
  };

  const scalar = (node: Scalar): Json => {
    if (node.anchor !== undefined || node.tag !== undefined) properties(node);
    else refuseTrap(node, cutByComment(node, source));
    const { value } = node;
    return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
  };

  /** A tag or an anchor stands before the node's own range. */
  const properties = (node: Node): void => {
    const [start, end] = rangeOf(node);
    const before = /[!&]\S*(?:\s+[!&]\S*)*\s*$/.exec(source.text.slice(Math.max(0, start - 1024), start))?.[0] ?? "";
    const first = before === "" ? start : start - before.length;
    const what = node.anchor === undefined || before.startsWith("!") ? "tag" : "anchor";
    const written = source.text.slice(first, end);
    const hint =
      isScalar(node) && !written.includes("\n") ? `quote it: ${quoted(written.trim())}` : `remove the ${what}`;
    const message = what === "tag" ? tagMessage : "anchors are not allowed";
    refuse(node, what, message, source.place(first, isScalar(node) ? first + written.trimEnd().length : start), hint);
  };

  const map = (node: YAMLMap): Json => {
    const object: Record<string, Json> = {};
    origins.set(object, node);
    const first = node.items[0];
    if (node.flow === true && isMap(first?.key) && refuseTrap(node, unquotedMustacheAt(source, rangeOf(node)[0])))
      return object;
    if (refuseTrap(node, splitByComma(node, source))) return object;
    for (const pair of node.items) {
      const key = keyOf(pair, node, object);
      if (key !== null) object[key] = convert(pair.value);
    }
    return object;
  };

  const keyOf = (pair: Pair, of: YAMLMap, earlier: object): string | null => {
    const key = pair.key as Node; // a composed pair has a node as key
    const [start, end] = rangeOf(key);
    if (!isScalar(key)) {
      refuse(of, "key-not-text", "expected a text as key", source.place(start, end), "quote it");
      return null;
    }
    if (key.anchor !== undefined || key.tag !== undefined) properties(key);
    const text = scalarText(key);
    if (text === "" || text === "__proto__") {
      refuse(
        of,
        "bad-key",
        text === "" ? "expected a key before the colon" : `"${text}" cannot be a key`,
        source.place(start, end),
      );
      return null;
    }
    if (Object.hasOwn(earlier, text)) {
      const first = pairOf(of, text)?.key as Node; // as above
      const line = source.line(rangeOf(first)[0]);
      diagnostics.push({
        severity: "error",
        code: "duplicate-key",
        message: `"${text}" is written twice, first on line ${line}`,
        place: source.place(start, end),
        hint: "keep one of them",
      });
      return null;
    }
    return text;
  };

  return { source, root, origins, spoilt, diagnostics, value: convert(root) };
}

export const rangeOf = (node: Node): readonly [number, number] => {
  const range = node.range ?? [0, 0, 0];
  return [range[0], range[1]];
};

/** The pair of a map with this key. */
export const pairOf = (node: unknown, key: string): Pair | undefined =>
  isMap(node) ? node.items.find((pair) => isScalar(pair.key) && scalarText(pair.key) === key) : undefined;

export interface Found {
  readonly node: Node;
  /** The file has this very part; else `node` is the closest above it. */
  readonly exact: boolean;
  /** Something was said already of the part, or of what it stands in. */
  readonly spoilt: boolean;
}

/** The node where a path of `value` ends. `value` may be normalised data, of which the file has some parts elsewhere. */
export function nodeAt(tree: Tree, from: Node, value: unknown, path: Path): Found {
  let node = from;
  let inner = value;
  let exact = true;
  let spoilt = tree.spoilt.has(from);
  for (const key of path) {
    inner = child(inner, key);
    const moved = typeof inner === "object" && inner !== null ? tree.origins.get(inner) : undefined;
    const next: Node | undefined = moved ?? childNode(node, key) ?? (exact ? moveTarget(node, inner) : undefined);
    exact = next !== undefined;
    node = next ?? node;
    spoilt ||= tree.spoilt.has(node);
  }
  return { node, exact, spoilt };
}

const child = (value: unknown, key: string | number): unknown => {
  if (Array.isArray(value)) return value[Number(key)];
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
};

function childNode(node: Node, key: string | number): Node | undefined {
  if (isSeq(node) && typeof key === "number") return asNode(node.items[key]);
  const pair = pairOf(node, String(key));
  return pair === undefined ? undefined : (asNode(pair.value) ?? asNode(pair.key));
}

// A composed document holds nodes only; the types allow for documents put together by hand.
const asNode = (value: unknown): Node | undefined =>
  value === null || value === undefined ? undefined : (value as Node);

/** Normalising moved a text to another key: it is the scalar below `node` that says the same. */
function moveTarget(node: Node, value: unknown): Node | undefined {
  if (isScalar(node)) return scalarText(node) === value || node.value === value ? node : undefined;
  if (isMap(node)) {
    for (const pair of node.items) {
      const found = [pair.value, pair.key].find((part) => isScalar(part) && moveTarget(part, value) !== undefined);
      if (found !== undefined) return asNode(found);
    }
  }
  return undefined;
}

/** The text at a path of (normalised) data, with its place. */
export function locate(tree: Tree, from: Node, value: unknown, path: Path): Located {
  const { node, exact } = nodeAt(tree, from, value, path);
  const inner = path.reduce(child, value);
  if (exact && isScalar(node)) return locateScalar(node, tree.source);
  return locatedAt(
    typeof inner === "string" ? inner : JSON.stringify(inner ?? null),
    tree.source.place(...rangeOf(node)),
  );
}
