import { toJson } from "../../model/value.js";
import { shorten } from "../shorten.js";
import { describeType, dyn, isNumber, type Type } from "../type.js";
import { maximumItems } from "./budget.js";
import { type Evaluating, written } from "./operands.js";
import { calculate, type Outcome, order, unreadable } from "./operators.js";
import type { ASTNode } from "./parse.js";
import { isListFunction, isOpen, type ListFunction } from "./signatures.js";
import { Failure } from "./stop.js";
import type { TypeFault } from "./typing.js";
import { type CelValue, describe, isList, itemsOf, lengthOf, type MadeList, toValue } from "./value.js";

type List = Extract<CelValue, readonly unknown[] | MadeList>;

/** What `only`, `first`, … give for these arguments; null: the function is none of them. */
export function appliedToList(name: string, given: readonly Type[]): Type | TypeFault | null {
  if (!isListFunction(name)) return null;
  const [list] = given;
  if (list === undefined || given.length !== 1) {
    return { code: "wrong-arguments", message: `${name}() expects one list, found ${given.length} arguments` };
  }
  if (isOpen(list)) return dyn;
  const fault = (expected: string): TypeFault => {
    const text = name === "sum" && list.kind === "list" && list.of.kind === "string";
    const message = `${name}() expects ${expected}, found ${describeType(list)}`;
    return { code: "wrong-type", message, ...(text && { hint: "convert the texts: sum(rows.map(r, int(r.size)))" }) };
  };
  if (list.kind !== "list") return fault("a list");
  const { of } = list;
  if (name === "only" || name === "first" || isOpen(of) || isNumber(of)) return of;
  if (name === "sum") return fault("a list of numbers");
  return of.kind === "string" || of.kind === "time" ? of : fault("a list of numbers, texts or times");
}

/** @param node how the list is written */
export function callOnList(name: ListFunction, node: ASTNode, list: CelValue, means: Evaluating): Outcome {
  if (!isList(list)) return new Failure(`${name}() takes a list, ${written(node)} is ${describe(list)}`);
  if (name === "only") return only(node, list, means);
  if (name !== "first" && lengthOf(list) > maximumItems) {
    return new Failure(
      `${written(node)} has ${lengthOf(list)} elements, more than the ${maximumItems} that a condition goes through`,
    );
  }
  const type = means.types.get(node);
  const elements = itemsOf(list, type?.kind === "list" ? type.of : undefined);
  if (name === "first") return elements[0] ?? null;
  means.budget.spend(elements.length);
  return name === "sum" ? sum(node, elements, means) : extreme(name, node, elements);
}

/** Exactly one element; else a failure that shows the rows. */
function only(node: ASTNode, list: List, means: Evaluating): Outcome {
  const length = lengthOf(list);
  const [item] = itemsOf(list);
  if (length === 1) return item ?? null;
  const rows = itemsOf(list)
    .slice(0, 5)
    .map((row) => JSON.stringify(toJson(shorten(toValue(row, means.budget)))));
  const shown =
    length === 0 ? "" : `: ${rows.join(", ")}${length > rows.length ? `, … ${length - rows.length} more` : ""}`;
  return new Failure(
    `only(${written(node)}) needs exactly one element, found ${length === 0 ? "none" : length}${shown}`,
  );
}

function sum(node: ASTNode, elements: readonly CelValue[], means: Evaluating): Outcome {
  let total: bigint | number = 0n;
  for (const element of elements) {
    const unknown = unreadable(element, () => `an element of ${written(node)}`);
    if (unknown !== null) return unknown;
    if (typeof element !== "bigint" && typeof element !== "number") {
      const hint = typeof element === "string" ? ": convert texts with int() or double()" : "";
      return new Failure(`sum() takes numbers, an element of ${written(node)} is ${describe(element)}${hint}`);
    }
    const next = calculate("+", total, element, means.budget);
    if (typeof next !== "bigint" && typeof next !== "number") return next;
    total = next;
  }
  return total;
}

/** The least or the greatest; null where there is none. */
function extreme(name: "min" | "max", node: ASTNode, elements: readonly CelValue[]): Outcome {
  let found: CelValue | undefined;
  for (const element of elements) {
    const unknown = unreadable(element, () => `an element of ${written(node)}`);
    if (unknown !== null) return unknown;
    // The first is compared with itself, so that it has an order as well.
    const beyond = order(name === "min" ? "<" : ">", element, found ?? element);
    if (beyond instanceof Failure) return beyond;
    if (beyond || found === undefined) found = element;
  }
  return found ?? null;
}
