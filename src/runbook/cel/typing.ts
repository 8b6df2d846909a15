import { describeType, dyn, isNumber, type Type, unify } from "../type.js";
import { signatures } from "./functions.js";
import { type ASTNode, childrenOf } from "./parse.js";
import { fits, incomparable, isOpen, spell } from "./signatures.js";

/** What is wrong with operands or arguments of these types. */
export interface TypeFault {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

const int: Type = { kind: "int" };

/** What to do about a fault: where a number that is compared stands in quotes, they go. */
export function withoutQuotes(node: ASTNode, { code, hint }: TypeFault): string | undefined {
  if (code !== "text-with-number") return hint;
  const operands = childrenOf(node).flatMap((child) => (child.op === "list" ? childrenOf(child) : child));
  const quoted = operands.find(({ op, args }) => op === "value" && typeof args === "string" && numeric.test(args));
  return quoted === undefined ? hint : `write ${quoted.args}, without quotes`;
}

const numeric = /^-?\d+(?:\.\d+)?$/;

/** Why two types cannot be ordered by `<` and its like, or null. */
export function orderFault(op: string, left: Type, right: Type): TypeFault | null {
  const ordered = (type: Type): boolean =>
    isOpen(type) || isNumber(type) || type.kind === "string" || type.kind === "time" || type.kind === "bool";
  const together = isOpen(left) || isOpen(right) || left.kind === right.kind || (isNumber(left) && isNumber(right));
  if (ordered(left) && ordered(right) && together) return null;
  const message = `${op} expects two numbers, two texts or two times, found ${describeType(left)} and ${describeType(right)}`;
  return { code: "wrong-type", ...incomparable(left, right), message };
}

/** What `+`, `-`, `*`, `/` or `%` gives. */
export function arithmetic(op: string, left: Type, right: Type): Type | TypeFault {
  if (isNumber(left) && isNumber(right)) return left.kind === "int" && right.kind === "int" ? int : { kind: "double" };
  if (op === "+" && left.kind === "list" && right.kind === "list") return unify(left, right);
  if (op === "+" && left.kind === "string" && right.kind === "string") return left;
  if (left.kind === "time" && right.kind === "time" && op === "-") return int;
  if (left.kind === "time" && isNumber(right) && (op === "+" || op === "-")) return left;
  if (right.kind === "time" && isNumber(left) && op === "+") return right;
  if (isOpen(left) || isOpen(right)) return dyn;
  const message = `${op} cannot take ${describeType(left)} and ${describeType(right)}`;
  const text = op === "+" && (left.kind === "string" || right.kind === "string");
  return { code: "wrong-type", message, ...(text && { hint: "write string(…) around the other" }) };
}

/** What a function gives for these arguments; null: there is none of that name. @param receiver null: it is no method */
export function applied(name: string, receiver: Type | null, given: readonly Type[]): Type | TypeFault | null {
  const overloads = (signatures().get(name) ?? []).filter(
    (signature) => (signature.receiver === null) === (receiver === null),
  );
  if (overloads.length === 0) return null;
  const counted = overloads.filter(({ parameters }) => parameters.length === given.length);
  const fitting = counted.filter(
    (overload) =>
      (receiver === null || fits(receiver, overload.receiver)) &&
      overload.parameters.every((parameter, index) => fits(given[index] ?? dyn, parameter)),
  );
  if (fitting.length > 0) return fitting.map(({ result }) => result).reduce(unify);
  const usage = new Set(overloads.map((overload) => spell(name, overload)));
  const found = [...(receiver === null ? [] : [receiver]), ...given].map(describeType).join(", ");
  return {
    code: counted.length === 0 ? "wrong-arguments" : "wrong-type",
    message: `expected ${[...usage].slice(0, 6).join(" or ")}, found ${found === "" ? "nothing" : found}`,
    ...(receiver !== null && isNumber(receiver) && { hint: `write string(…).${name}(…)` }),
    ...(receiver?.kind === "list" &&
      name === "contains" && { hint: "whether a list has an element is: element in list" }),
  };
}
