import { nearMiss } from "../../util/near-miss.js";
import { describeType, dyn, isNumber, type Type } from "../type.js";
import { type Parameter, type Signature, signatures } from "./functions.js";
import { written } from "./operands.js";
import type { ASTNode } from "./parse.js";
import { listed } from "./value.js";

/** How CEL's macros are called. */
export const macroShapes: ReadonlyMap<string, string> = new Map([
  ["all", "all(x, condition)"],
  ["exists", "exists(x, condition)"],
  ["exists_one", "exists_one(x, condition)"],
  ["filter", "filter(x, condition)"],
  ["map", "map(x, value)"],
]);

/** Anything may come of it, null included. */
export const isOpen = (type: Type): boolean => type.kind === "dyn" || type.kind === "null";

/** The type of a literal of the syntax tree. */
export function literalType(value: unknown): Type {
  switch (typeof value) {
    case "string":
      return { kind: "string" };
    case "bigint":
      return { kind: "int" };
    case "number":
      return { kind: "double" };
    case "boolean":
      return { kind: "bool" };
    default:
      return value === null ? { kind: "null" } : dyn;
  }
}

/** Why two types can never be equal, or null. */
export function incomparable(
  left: Type,
  right: Type,
): { readonly code: string; readonly message: string; readonly hint?: string } | null {
  if (isOpen(left) || isOpen(right) || left.kind === right.kind || (isNumber(left) && isNumber(right))) return null;
  const found = `found ${describeType(left)} and ${describeType(right)}`;
  const kinds = new Set([left.kind, right.kind]);
  if (kinds.has("string") && (kinds.has("int") || kinds.has("double"))) {
    return {
      code: "text-with-number",
      message: `expected two texts or two numbers, ${found}`,
      hint: "convert the text with int(…)",
    };
  }
  const hint = kinds.has("string") && kinds.has("time") ? { hint: "convert the text with timestamp(…)" } : {};
  return { code: "wrong-type", message: `expected two values of one type, ${found}, which are never equal`, ...hint };
}

/** Whether an argument can be what a parameter takes. */
export function fits(type: Type, parameter: Parameter | null): boolean {
  if (isOpen(type) || parameter === "any" || parameter === null) return true;
  return type.kind === parameter;
}

/** A function as one would call it. */
export const spell = (name: string, { receiver, parameters }: Signature): string =>
  `${receiver === null ? "" : `${spellParameter(receiver)}.`}${name}(${parameters.map(spellParameter).join(", ")})`;

const spellParameter = (parameter: Parameter): string =>
  parameter === "string" ? "text" : parameter === "any" ? "value" : parameter;

/** What casebook adds to CEL for lists; each takes one. */
const listFunctions = ["only", "first", "sum", "min", "max"] as const;

export type ListFunction = (typeof listFunctions)[number];

export const isListFunction = (name: string): name is ListFunction => listFunctions.some((one) => one === name);

/** What other languages call a function of CEL's. */
const elsewhere: ReadonlyMap<string, string> = new Map([
  ["len", "size(…)"],
  ["length", "size(…)"],
  ["count", "size(…)"],
  ["isEmpty", "size(…) == 0"],
  ["any", "exists(x, condition)"],
  ["some", "exists(x, condition)"],
  ["every", "all(x, condition)"],
  ["find", "first(list.filter(x, condition))"],
  ["includes", "contains(…)"],
  ["match", "matches(…)"],
  ["test", "matches(…)"],
  ["str", "string(…)"],
  ["float", "double(…)"],
  ["lower", "lowerAscii()"],
  ["upper", "upperAscii()"],
  ["strip", "trim()"],
]);

/** What to write where there is no function of a name. @param receiver what stands before the dot; null: nothing */
export function functionHint(
  name: string,
  node: Extract<ASTNode, { op: "call" | "rcall" }>,
  receiver: Type | null,
): string {
  if (node.op === "rcall" && (signatures().has(name) || isListFunction(name) || name === "has")) {
    return `write ${name}(${written(node.args[1])})`;
  }
  if (node.op === "call" && (signatures().has(name) || macroShapes.has(name))) {
    return `it is called as a method: value.${name}(…)`;
  }
  if (elsewhere.has(name)) return `CEL calls it ${elsewhere.get(name)}`;
  const functions = [...callable(null), "has", ...listFunctions];
  const near = nearMiss(name, [...functions, ...callable(dyn), ...macroShapes.keys()]);
  if (near !== null) return `did you mean "${near}"?`;
  if (receiver === null) return `there are ${listed(functions, 40)}`;
  const macros = receiver.kind === "list" || receiver.kind === "object" || isOpen(receiver) ? macroShapes.keys() : [];
  return `a ${describeType(receiver)} has ${listed([...macros, ...callable(receiver)], 40)}`;
}

/** The names of the functions that this may stand before, or of those that stand alone. */
const callable = (receiver: Type | null): readonly string[] =>
  [...signatures()].flatMap(([name, all]) =>
    all.some((one) =>
      receiver === null ? one.receiver === null : one.receiver !== null && fits(receiver, one.receiver),
    )
      ? [name]
      : [],
  );
