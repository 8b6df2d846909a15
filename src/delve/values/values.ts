import { Absent, CutText, type Value, type ValueObject } from "../../model/value.js";
import type { NamedTree, ValueTree } from "./value-tree.js";

/**
 * A Go value as conditions see it. Numbers beyond 2^53 are their digits as text; pointers and interfaces are what they lead to; nil is
 * null, and an empty slice a list; a map with text keys is an object, any other a list of `{key, value}`; errors of
 * `errors` and `fmt` are their message. What Delve could not read, or did not read that deep, is unknown and says why.
 */
export function toValue(tree: ValueTree): Value {
  switch (tree.kind) {
    case "string":
      return tree.omitted === 0 ? tree.text : new CutText(tree.text, "", tree.omitted);
    case "number":
      return toNumber(tree.text);
    case "bool":
      return tree.value;
    case "struct":
      return errorMessage(tree) ?? toObject(tree.fields);
    case "list":
      return tree.items.length < tree.length
        ? { truncated: true, length: tree.length, items: tree.items.map(toValue) }
        : tree.items.map(toValue);
    case "map":
      return fromMap(tree);
    case "pointer":
      return toValue(tree.to);
    case "interface":
      return toValue(tree.holds);
    case "opaque":
      return tree.text;
    case "nil":
      return null;
    case "unreadable":
      return new Absent(`it is unreadable: ${tree.why}`);
    case "unloaded":
      return new Absent(`it lies deeper than was read: print it by its own name, ${tree.type} at ${tree.address}`);
    default:
      return tree satisfies never;
  }
}

/** An object with a field for each name. */
export const toObject = (trees: readonly NamedTree[]): ValueObject =>
  Object.fromEntries(trees.map(({ name, value }) => [name, toValue(value)]));

function toNumber(text: string): Value {
  const value = Number(text);
  if (/^-?\d+$/.test(text)) return Number.isSafeInteger(value) ? value : text;
  return Number.isFinite(value) ? value : text;
}

/** The texts of the standard library's plain errors; of others only their fields can be read without running the program. */
const messageFields: Readonly<Record<string, string>> = {
  "errors.errorString": "s",
  "fmt.wrapError": "msg",
  "fmt.wrapErrors": "msg",
};

function errorMessage(tree: Extract<ValueTree, { kind: "struct" }>): Value {
  const field = messageFields[tree.type];
  const message = tree.fields.find(({ name }) => name === field)?.value;
  return message?.kind === "string" ? toValue(message) : null;
}

function fromMap(tree: Extract<ValueTree, { kind: "map" }>): Value {
  const whole = tree.entries.length === tree.length;
  if (whole && tree.entries.every(({ key }) => key.kind === "string" && key.omitted === 0)) {
    return Object.fromEntries(tree.entries.map(({ key, value }) => [toValue(key), toValue(value)]));
  }
  const items = tree.entries.map(({ key, value }) => ({ key: toValue(key), value: toValue(value) }));
  return whole ? items : { truncated: true, length: tree.length, items };
}
