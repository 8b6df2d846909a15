import { maximumItems } from "./budget.js";
import { type Bound, type Evaluating, readable, truth, written } from "./operands.js";
import type { Outcome } from "./operators.js";
import type { ASTNode } from "./parse.js";
import { elementName } from "./paths.js";
import { Failure, isStop, type Stop, Unknown, worse } from "./stop.js";
import { type CelValue, describe, isList, isObject, itemsOf, keysOf, MadeList } from "./value.js";

/** `all`, `exists`, `exists_one`, `filter` and `map` over a list, or over the keys of an object. */
export function macro(node: Extract<ASTNode, { op: "rcall" }>, means: Evaluating, bound: Bound | null): Outcome {
  const [name, rangeNode, [elementNode, ...nodes]] = node.args;
  const range = readable(rangeNode, means, bound);
  if (isStop(range)) return range;
  if (!isList(range) && !isObject(range)) {
    return new Failure(`.${name}() goes through a list, ${written(rangeNode)} is ${describe(range)}`);
  }
  const items = isList(range)
    ? itemsOf(range, elementNode === undefined ? undefined : means.types.get(elementNode))
    : keysOf(range);
  if (items.length > maximumItems) {
    return new Failure(
      `${written(rangeNode)} has ${items.length} elements, more than the ${maximumItems} that a condition goes through`,
    );
  }
  const element = elementName(node);
  const [first, second] = nodes;
  if (first === undefined) throw new Error("a macro has two arguments at least");
  const rounds = items.map((value): Bound => ({ name: element, value, outer: bound }));
  switch (name) {
    case "all":
      return quantify(false, rounds, first, means);
    case "exists":
      return quantify(true, rounds, first, means);
    case "exists_one": {
      const kept = filter(rounds, first, means);
      return isStop(kept) ? kept : kept.length === 1;
    }
    case "filter": {
      const kept = filter(rounds, first, means);
      return isStop(kept) ? kept : new MadeList(kept.map(({ value }) => value));
    }
    default: {
      const kept = second === undefined ? rounds : filter(rounds, first, means);
      return isStop(kept) ? kept : transform(kept, second ?? first, means);
    }
  }
}

function quantify(decisive: boolean, rounds: readonly Bound[], predicate: ASTNode, means: Evaluating): boolean | Stop {
  let stop: Stop | null = null;
  for (const round of rounds) {
    const holds = truth(predicate, means, round);
    if (holds === decisive) return decisive;
    if (isStop(holds)) stop = worse(stop, holds);
  }
  return stop ?? !decisive;
}

function filter(rounds: readonly Bound[], predicate: ASTNode, means: Evaluating): readonly Bound[] | Stop {
  const kept: Bound[] = [];
  let stop: Stop | null = null;
  for (const round of rounds) {
    const holds = truth(predicate, means, round);
    if (holds instanceof Failure) return holds;
    if (holds instanceof Unknown) stop ??= holds;
    else if (holds) kept.push(round);
  }
  return stop ?? kept;
}

function transform(rounds: readonly Bound[], node: ASTNode, means: Evaluating): MadeList | Stop {
  const items: CelValue[] = [];
  let stop: Stop | null = null;
  for (const round of rounds) {
    const item = means.run(node, round);
    if (item instanceof Failure) return item;
    if (item instanceof Unknown) stop ??= item;
    else items.push(item);
  }
  return stop ?? new MadeList(items);
}
