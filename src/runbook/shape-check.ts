import { isScalar, type Node, Scalar } from "yaml";
import type * as z from "zod";
import type { Diagnostic } from "../model/diagnostic.js";
import { isJsonObject, type Json } from "../model/json.js";
import { didYouMean, nearMiss } from "../util/near-miss.js";
import { expectation, hasOwnMessage, type Issue } from "./expectation.js";
import { scalarText } from "./located.js";
import { keysAt } from "./schema-walk.js";
import { nodeAt, type Path, pairOf, rangeOf, type Tree } from "./tree.js";
import { quoted } from "./yaml-traps.js";

/** What came of holding a part of a runbook against a schema. */
export interface Checked<T> {
  /** undefined when it does not fit. */
  readonly value: T | undefined;
  /** The part, with plain scalars as written where the schema wants text. */
  readonly written: Json;
  readonly issues: readonly Issue[];
}

/** A part of the file: the data, and the node that it stands under. */
export interface Part {
  readonly node: Node;
  readonly value: Json;
}

/** Parses a part by a schema. Where text is expected, a plain scalar counts as written: `0755`, `1.20`, `true`. */
export function checkShape<T>(tree: Tree, part: Part, schema: z.ZodType<T>): Checked<T> {
  let written = part.value;
  let found = schema.safeParse(written);
  for (let round = 0; !found.success && round < 3; round++) {
    let changed = false;
    for (const path of textWanted(found.error.issues, [])) {
      const { node, exact } = nodeAt(tree, part.node, written, path);
      if (!exact || !isScalar(node) || node.type !== Scalar.PLAIN) continue;
      const present = valueAt(written, path);
      if (typeof present !== "number" && typeof present !== "boolean") continue;
      written = withText(tree, written, path, scalarText(node));
      changed = true;
    }
    if (!changed) break;
    found = schema.safeParse(written);
  }
  return found.success
    ? { value: found.data, written, issues: [] }
    : { value: undefined, written, issues: found.error.issues };
}

/** Where a text would have been right; branches of unions included. */
function* textWanted(issues: readonly Issue[], base: Path): Iterable<Path> {
  for (const issue of issues) {
    const path = [...base, ...(issue.path as Path)]; // data from YAML has no symbols as keys
    if (issue.code === "invalid_union") for (const branch of issue.errors) yield* textWanted(branch, path);
    else if (issue.code === "invalid_type" && issue.expected === "string") yield path;
    else if (issue.code === "invalid_value" && issue.values.some((value) => typeof value === "string")) yield path;
  }
}

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((inner, key) => {
    if (Array.isArray(inner)) return inner[Number(key)];
    return isJsonObject(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined;
  }, value);

/** A copy with another text at the path; copies keep the place of what they copy. */
function withText(tree: Tree, value: Json, path: Path, text: string): Json {
  const [key, ...rest] = path;
  if (key === undefined) return text;
  let copy: Json;
  if (Array.isArray(value)) {
    copy = value.map((inner, index) => (index === key ? withText(tree, inner, rest, text) : inner));
  } else if (isJsonObject(value)) {
    copy = { ...value, [key]: withText(tree, value[key] ?? null, rest, text) };
  } else return value;
  const origin = tree.origins.get(value);
  if (origin !== undefined) tree.origins.set(copy, origin);
  return copy;
}

/**
 * The mistakes behind a schema's issues. Issues at or below `ignored` paths, or where something was said already, are left
 * out; of a union the branch that was meant speaks.
 */
export function explainIssues(
  tree: Tree,
  part: Part,
  schema: z.ZodType,
  issues: readonly Issue[],
  ignored: readonly Path[] = [],
  elsewhere: Elsewhere = () => null,
): readonly Diagnostic[] {
  if (issues.length === 0) return [];
  const hidden = (path: Path) =>
    ignored.some((start) => start.every((key, index) => path[index] === key)) ||
    nodeAt(tree, part.node, part.value, path).spoilt;
  const flat = flatten(issues, [], part.value, hidden);
  const meant = new Set(flat.flatMap((one) => misspelt(one, schema)));
  const strange = new Set(
    flat.filter(({ issue }) => issue.code === "unrecognized_keys").map(({ path }) => path.join(".")),
  );
  return flat
    .filter(({ issue, path }) => {
      const key = path.join(".");
      // What the keys must be together counts once each of them is known.
      return !meant.has(key) && !(issue.code === "custom" && strange.has(key));
    })
    .flatMap((issue) => explain(tree, part, schema, issue, elsewhere));
}

/** Where a key belongs that is unknown in a map, as a hint; null: nowhere. */
export type Elsewhere = (key: string) => string | null;

/** Paths of keys that are missing only because another key was meant to be them. */
function misspelt({ issue, path }: Flat, schema: z.ZodType): readonly string[] {
  if (issue.code !== "unrecognized_keys") return [];
  const known = keysAt(schema, path);
  return issue.keys.flatMap((key) => nearMiss(key, known) ?? []).map((key) => [...path, key].join("."));
}

/** An issue with its whole path, and no unions left to choose from. */
interface Flat {
  readonly issue: Issue;
  readonly path: Path;
}

function flatten(
  issues: readonly Issue[],
  base: Path,
  value: unknown,
  hidden: (path: Path) => boolean,
): readonly Flat[] {
  return issues.flatMap((issue): readonly Flat[] => {
    const path = [...base, ...(issue.path as Path)]; // as above
    if (hidden(path)) return [];
    if (issue.code !== "invalid_union") return [{ issue, path }];
    const branches = issue.errors.map((branch) => flatten(branch, path, value, hidden));
    if (branches.some((branch, index) => branch.length === 0 && (issue.errors[index]?.length ?? 0) > 0)) return [];
    const meant = branches.filter((branch) => !branch.some((flat) => isMismatch(flat, path)));
    const fewest = Math.min(...meant.map((branch) => branch.length));
    const best = meant.find((branch) => branch.length === fewest);
    if (best === undefined || (hasOwnMessage(issue) && best.every((flat) => flat.path.length === path.length))) {
      return [{ issue, path }];
    }
    return best;
  });
}

/** The branch is for another type altogether. */
const isMismatch = ({ issue, path }: Flat, at: Path): boolean =>
  path.length === at.length && (issue.code === "invalid_type" || issue.code === "invalid_value");

function explain(
  tree: Tree,
  part: Part,
  schema: z.ZodType,
  { issue, path }: Flat,
  elsewhere: Elsewhere,
): readonly Diagnostic[] {
  const { node } = nodeAt(tree, part.node, part.value, path);
  const value = valueAt(part.value, path);
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(schema, path);
    return issue.keys.map((key) => unknownKey(tree, node, key, known, { elsewhere }));
  }
  if (issue.code === "invalid_key") {
    const key = String(path.at(-1));
    const { node: map } = nodeAt(tree, part.node, part.value, path.slice(0, -1));
    const range = rangeOf((pairOf(map, key)?.key as Node | undefined) ?? node); // a composed pair has a node as key
    const message = `${expectation(issue)}, found ${describe(key)}`;
    return [{ severity: "error", code: "bad-value", message, place: tree.source.place(...range) }];
  }
  const place = tree.source.place(...rangeOf(node));
  if (value === undefined && path.length > 0) {
    const message = `"${path.at(-1)}" is missing: ${expectation(issue)}`;
    return [{ severity: "error", code: "missing-key", message, place }];
  }
  const expected = expectation(issue);
  // Of what the keys of a map must be together, that it is a map tells nothing.
  const isTogether = issue.code === "custom" && typeof value === "object" && value !== null;
  const wantsFound = expected.startsWith("expected ") && !expected.includes(" found ") && !isTogether;
  const message = wantsFound ? `${expected}, found ${describe(value)}` : expected;
  const hint = remedyOf(issue, value);
  return [
    { severity: "error", code: codeOf(issue, value), message: named(path, message), place, ...(hint && { hint }) },
  ];
}

function remedyOf(issue: Issue, value: unknown): string | null {
  if (typeof value === "string" && issue.code === "invalid_value") return didYouMean(value, issue.values.map(String));
  if (issue.code !== "invalid_type" || issue.expected !== "array") return null;
  if (value === null) return null;
  if (issue.message?.includes("steps") === true) return 'each step of a list begins with a dash: - run: "true"';
  const words = String(value).split(" ");
  const isPlain = words.every((word) => /^[\w./:=@-]+$/.test(word));
  if (isPlain) return `a list is written in brackets: [${words.join(", ")}]`;
  return words.length === 1 && typeof value === "string" ? `a list is written in brackets: [${quoted(value)}]` : null;
}

/** Names the field where the place alone could leave a doubt. */
function named(path: Path, message: string): string {
  const key = path.findLast((part) => typeof part === "string");
  return key === undefined ? message : `"${key}": ${message}`;
}

/** An unknown key of a map, with the keys that it could have been. */
export function unknownKey(
  tree: Tree,
  node: Node,
  key: string,
  known: readonly string[],
  more: { readonly what?: string; readonly elsewhere?: Elsewhere | null } = {},
): Diagnostic {
  const pair = pairOf(node, key);
  const range = rangeOf((pair?.key as Node | undefined) ?? node); // a composed pair has a node as key
  const near = more.elsewhere?.(key) ?? didYouMean(key, known);
  const list = known.length === 0 || known.length > 24 ? null : `known here: ${known.join(", ")}`;
  const hint = near ?? list;
  const message = `unknown ${more.what ?? "key"} "${key}"`;
  return { severity: "error", code: "unknown-key", message, place: tree.source.place(...range), ...(hint && { hint }) };
}

function codeOf(issue: Issue, value: unknown): string {
  if (value === null) return "null-value";
  return issue.code === "invalid_type" || issue.code === "invalid_union" ? "wrong-type" : "bad-value";
}

/** A value for a message: short, and its kind told. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (typeof value === "string")
    return value.length > 40 ? `${JSON.stringify(value.slice(0, 40))}…` : JSON.stringify(value);
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  return typeof value === "object" ? "a map" : String(value);
}
