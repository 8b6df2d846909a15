import type { Scope } from "../../model/scope.js";
import { Absent, CutText, type Value, type ValueObject } from "../../model/value.js";
import { describe, fromValue, listed } from "../cel/value.js";
import type { Path, TemplateNode } from "./parse.js";

/** One element of an `{{#each}}` while it is rendered. */
interface Round {
  readonly element: Value;
  readonly data: ReadonlyMap<string, Value>;
  readonly names: ReadonlyMap<string, Value>;
  readonly outer: Round | null;
}

/** What a path leads to; `missing` says in a sentence that data has no such key. */
export type Met = { readonly value: Value } | { readonly missing: string };

/** Takes what a template yields, in order. */
interface Sink {
  text(text: string): void;
  value(path: Path, met: Met): void;
}

/** More pieces than this in one text are a mistake: an `{{#each}}` inside another over thousands of rows. */
const mostPieces = 200_000;

/** Expands blocks and hands texts and values to the sink. A sentence when it gave up, else null. */
export function render(nodes: readonly TemplateNode[], scope: Scope, sink: Sink): string | null {
  let pieces = 0;
  const visit = (list: readonly TemplateNode[], round: Round | null): void => {
    for (const node of list) {
      if (++pieces > mostPieces) return;
      switch (node.type) {
        case "text":
          sink.text(node.text);
          break;
        case "value":
          sink.value(node.path, lookup(node.path, scope, round));
          break;
        case "if":
          visit(truthy(lookup(node.test, scope, round)) !== node.negated ? node.body : node.otherwise, round);
          break;
        case "each": {
          const rounds = roundsOf(lookup(node.list, scope, round), node.names, round);
          for (const inner of rounds) {
            pieces++;
            visit(node.body, inner);
          }
          if (rounds.length === 0) visit(node.otherwise, round);
          break;
        }
        default:
          node satisfies never;
      }
    }
  };
  visit(nodes, null);
  return pieces > mostPieces ? `the text has more than ${mostPieces} pieces: bound what {{#each}} goes through` : null;
}

/** What a path of a template without blocks leads to. */
export const lookupPath = (path: Path, scope: Scope): Met => lookup(path, scope, null);

function lookup(path: Path, scope: Scope, round: Round | null): Met {
  let around = round;
  for (let level = 0; level < path.up && around !== null; level++) around = around.outer;
  if (path.head.kind === "data") return { value: around?.data.get(path.head.name) ?? null };
  if (path.head.kind === "this") return follow(around?.element ?? null, path);
  return follow(named(path.head.name, path.up === 0 ? round : null, around, scope), path);
}

/** A name of an `{{#each}}` around, else a field of the element, else a name of the scope. */
function named(name: string, round: Round | null, around: Round | null, scope: Scope): Value {
  for (let level = round; level !== null; level = level.outer) {
    const value = level.names.get(name);
    if (value !== undefined) return value;
  }
  const element = around?.element;
  if (element !== undefined && isPlainObject(element) && Object.hasOwn(element, name)) return element[name] ?? null;
  const value = scope.get(name);
  return value === undefined ? new Absent(`${name} has no value yet`) : value;
}

function follow(from: Value, path: Path): Met {
  let value = from;
  for (const key of path.keys) {
    if (value === null || value instanceof Absent) return { value };
    const inner = member(value, key);
    if (inner === undefined) {
      return {
        missing: `{{${path.written}}}: there is no "${key}" in ${describe(fromValue(value))}${keysHint(value)}`,
      };
    }
    value = inner;
  }
  return { value };
}

function member(value: Value, key: string): Value | undefined {
  if (Array.isArray(value)) {
    if (key === "length") return value.length;
    return /^\d{1,9}$/.test(key) ? (value as readonly Value[])[Number(key)] : undefined; // isArray forgets the elements' type
  }
  return isPlainObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

const keysHint = (value: Value): string =>
  Array.isArray(value) && value.length > 0 ? `, whose indexes are ${listed(["0", `${value.length - 1}`])}` : "";

function isPlainObject(value: Value): value is ValueObject {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date || value instanceof CutText || value instanceof Absent)
  );
}

/** As in Handlebars: null, false, 0, the empty text and the empty list are false. */
function truthy(met: Met): boolean {
  if ("missing" in met) return false;
  const { value } = met;
  if (value instanceof Absent || (Array.isArray(value) && value.length === 0)) return false;
  return Boolean(value);
}

function roundsOf(met: Met, names: readonly string[], outer: Round | null): readonly Round[] {
  const value = "missing" in met ? null : met.value;
  const entries: readonly (readonly [Value, Value])[] = Array.isArray(value)
    ? (value as readonly Value[]).map((element, index) => [index, element] as const) // isArray forgets the elements' type
    : value !== null && isPlainObject(value)
      ? Object.entries(value)
      : [];
  const [item, index] = names;
  return entries.map(([key, element], at) => ({
    element,
    outer,
    data: new Map<string, Value>([
      ["index", at],
      ["key", key],
      ["first", at === 0],
      ["last", at === entries.length - 1],
    ]),
    names: new Map<string, Value>([
      ...(item === undefined ? [] : [[item, element] as const]),
      ...(index === undefined ? [] : [[index, key] as const]),
    ]),
  }));
}
