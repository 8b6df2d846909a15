import type { Diagnostic } from "../../model/diagnostic.js";
import type { Located } from "../located.js";
import { nameFault, unknownField } from "../name-fault.js";
import type { NameTable } from "../names.js";
import { describeType, dyn, fieldType, type Type } from "../type.js";
import type { Path, TemplateNode } from "./parse.js";

/** What is known inside an `{{#each}}`. */
interface Round {
  readonly element: Type;
  readonly names: ReadonlyMap<string, Type>;
  readonly outer: Round | null;
}

/** Paths of the scope that a template reads, and what is wrong with its names. */
interface NamesRead {
  readonly reads: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  /** Of the first mustache. */
  readonly type: Type;
}

/** Checks every path of a template against the names of its place. */
export function checkTemplate(nodes: readonly TemplateNode[], source: Located, names: NameTable): NamesRead {
  const reads = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  let first: Type | null = null;

  const check = (path: Path, round: Round | null): Type => {
    const type = resolve(path, round) ?? dyn;
    first ??= type;
    return type;
  };

  const resolve = (path: Path, round: Round | null): Type | null => {
    const place = () => source.place(path.start, path.end);
    const around = outwards(round, path.up);
    if (path.head.kind === "name") {
      const { name } = path.head;
      const local = localType(name, path.up, round, around);
      if (local !== null) return follow(local, name, path);
      const known = names.types.get(name);
      if (known !== undefined) {
        reads.add([name, ...path.keys].join("."));
        return follow(known, name, path);
      }
      if (around !== null && around.element.kind === "dyn") return dyn;
      const fields = around?.element.kind === "object" ? Object.keys(around.element.fields) : [];
      diagnostics.push(nameFault(name, names, place(), [...fields, ...bound(round)]));
      return null;
    }
    if (around === null) {
      const message = `expected a name, found {{${path.written}}}: there is no {{#each}} around it`;
      diagnostics.push({ severity: "error", code: "bad-mustache", message, place: place() });
      return null;
    }
    if (path.head.kind === "this") return follow(around.element, "this", path);
    const type = dataTypes.get(path.head.name);
    if (type !== undefined && path.keys.length === 0) return type;
    const message = `expected @index, @key, @first or @last, found ${path.written}`;
    diagnostics.push({ severity: "error", code: "bad-mustache", message, place: place() });
    return null;
  };

  const follow = (from: Type, head: string, path: Path): Type | null => {
    let type = from;
    let written = head;
    for (const key of path.keys) {
      const inner = memberType(type, key);
      if (inner === null) {
        const end = path.start + path.written.indexOf(key, path.written.indexOf(head) + head.length) + key.length;
        diagnostics.push(unknownField(key, written, type, source.place(end - key.length, end)));
        return null;
      }
      type = inner;
      written = `${written}.${key}`;
    }
    return type;
  };

  const visit = (list: readonly TemplateNode[], round: Round | null): void => {
    for (const node of list) {
      switch (node.type) {
        case "text":
          break;
        case "value":
          check(node.path, round);
          break;
        case "if":
          check(node.test, round);
          visit(node.body, round);
          visit(node.otherwise, round);
          break;
        case "each": {
          const type = check(node.list, round);
          if (type.kind !== "list" && type.kind !== "object" && type.kind !== "dyn" && type.kind !== "null") {
            const message = `{{#each}} goes through a list, found ${describeType(type)}`;
            const place = source.place(node.list.start, node.list.end);
            diagnostics.push({ severity: "error", code: "wrong-type", message, place });
          }
          const element = type.kind === "list" ? type.of : dyn;
          const [item, index] = node.names;
          const named = new Map<string, Type>();
          if (item !== undefined) named.set(item, element);
          if (index !== undefined) named.set(index, type.kind === "list" ? { kind: "int" } : dyn);
          visit(node.body, { element, names: named, outer: round });
          visit(node.otherwise, round);
          break;
        }
        default:
          node satisfies never;
      }
    }
  };
  visit(nodes, null);
  return { reads: [...reads], diagnostics, type: first ?? dyn };
}

const dataTypes: ReadonlyMap<string, Type> = new Map([
  ["index", { kind: "int" }],
  ["key", dyn],
  ["first", { kind: "bool" }],
  ["last", { kind: "bool" }],
]);

function outwards(round: Round | null, up: number): Round | null {
  let around = round;
  for (let level = 0; level < up && around !== null; level++) around = around.outer;
  return around;
}

/** A name that an `{{#each … as |name|}}` around binds, or a field of the element; null: neither for certain. */
function localType(name: string, up: number, round: Round | null, around: Round | null): Type | null {
  if (up === 0) {
    for (let level = round; level !== null; level = level.outer) {
      const type = level.names.get(name);
      if (type !== undefined) return type;
    }
  }
  return around?.element.kind === "object" && Object.hasOwn(around.element.fields, name)
    ? fieldType(around.element, name)
    : null;
}

function bound(round: Round | null): string[] {
  const all: string[] = [];
  for (let level = round; level !== null; level = level.outer) all.push(...level.names.keys());
  return all;
}

/** As `fieldType`; of a list also `0` and `length`. */
function memberType(type: Type, key: string): Type | null {
  if (type.kind !== "list") return fieldType(type, key);
  if (key === "length") return { kind: "int" };
  return /^\d+$/.test(key) ? type.of : null;
}
