import { Absent } from "../../model/value.js";
import { nearMiss } from "../../util/near-miss.js";
import { fieldType } from "../type.js";
import { type Bound, type Evaluating, readable, readableBoth, written } from "./operands.js";
import { isNull, type Outcome } from "./operators.js";
import type { ASTNode } from "./parse.js";
import { Failure, isStop, type Stop } from "./stop.js";
import {
  type CelValue,
  describe,
  fromValue,
  getKey,
  isList,
  isObject,
  keysOf,
  lengthOf,
  listed,
  MadeList,
  TypeName,
} from "./value.js";

/** Names that stand for types. */
export const typeNames: ReadonlySet<string> = new Set([
  "bool",
  "int",
  "uint",
  "double",
  "string",
  "bytes",
  "list",
  "map",
  "null_type",
  "type",
]);

/** The value of a name: bound by a macro, of the scope, or a type. */
export function lookup(node: Extract<ASTNode, { op: "id" }>, means: Evaluating, bound: Bound | null): CelValue {
  const name = node.args;
  for (let local = bound; local !== null; local = local.outer) if (local.name === name) return local.value;
  const found = means.scope.get(name);
  if (found === undefined && typeNames.has(name)) return new TypeName(name);
  const value = fromValue(
    found ?? (found === null ? null : new Absent(`${name} has no value yet`)),
    means.types.get(node),
  );
  means.met(node, value);
  return value;
}

/** `object.key` */
export function select(node: Extract<ASTNode, { op: "." }>, means: Evaluating, bound: Bound | null): Outcome {
  const [objectNode, key] = node.args;
  const object = readable(objectNode, means, bound);
  if (isStop(object)) return object;
  return field(node, objectNode, object, key, means);
}

function field(node: ASTNode, objectNode: ASTNode, object: CelValue, key: string, means: Evaluating): Outcome {
  if (!isObject(object)) {
    const name = written(objectNode);
    const hint = isList(object)
      ? `: take one element, as in ${name}[0], or use a macro such as ${name}.exists(x, …)`
      : "";
    return new Failure(`${name} is ${describe(object)}, which has no field ${key}${hint}`);
  }
  const value = getKey(object, key, means.types.get(node));
  if (value !== undefined) {
    means.met(node, value);
    return value;
  }
  if (isKnownField(objectNode, key, means)) {
    means.met(node, null);
    return null;
  }
  const keys = keysOf(object);
  const near = nearMiss(key, keys);
  const hint = near === null ? "" : `; did you mean ${near}?`;
  return new Failure(`${written(objectNode)} has no key ${JSON.stringify(key)}: it has ${listed(keys)}${hint}`);
}

/** Whether the field belongs to the object's type, so that it is null where it is not set. */
function isKnownField(objectNode: ASTNode, key: string, means: Evaluating): boolean {
  const type = means.types.get(objectNode);
  return type?.kind === "object" && type.open !== true && fieldType(type, key) !== null;
}

/** `list[0]`, `object["key"]` */
export function index(node: Extract<ASTNode, { op: "[]" }>, means: Evaluating, bound: Bound | null): Outcome {
  const [objectNode, keyNode] = node.args;
  const operands = readableBoth(node.args, means, bound);
  if (isStop(operands)) return operands;
  const [object, key] = operands;
  if (isList(object)) {
    const at = typeof key === "bigint" || Number.isInteger(key) ? Number(key) : null;
    if (at === null) return new Failure(`an index is an integer, ${written(keyNode)} is ${describe(key)}`);
    const length = lengthOf(object);
    if (at < 0 || at >= length) {
      return new Failure(`${written(objectNode)} has ${length} elements, so none at index ${at} (the first is 0)`);
    }
    const item = object instanceof MadeList ? object.items[at] : fromValue(object[at] ?? null, means.types.get(node));
    means.met(node, item ?? null);
    return item ?? null;
  }
  if (typeof key === "string") return field(node, objectNode, object, key, means);
  if (isObject(object)) return new Failure(`a key is a text, ${written(keyNode)} is ${describe(key)}`);
  return new Failure(`${written(objectNode)} is ${describe(object)}: only lists and objects have elements`);
}

/** Whether a path leads somewhere. Never an error: whatever is missing, null or something else on the way, it does not. */
export function has(node: ASTNode, means: Evaluating, bound: Bound | null): boolean | Stop {
  if (node.op !== ".") return new Failure(`has() takes a field such as result.json.name, found ${written(node)}`);
  const [objectNode, key] = node.args;
  if (objectNode.op === "." && !has(objectNode, means, bound)) return false;
  const object = means.run(objectNode, bound);
  if (isStop(object) || isNull(object) || !isObject(object)) return false;
  const value = getKey(object, key);
  means.met(node, value ?? null);
  if (value === undefined || value instanceof Absent) return false;
  // A field that belongs to its object's type is there when it is set; a key of data is there even when it is null.
  return value !== null || !isKnownField(objectNode, key, means);
}
