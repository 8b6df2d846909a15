import type { Scope } from "../../model/scope.js";
import type { Type } from "../type.js";
import type { Means } from "./functions.js";
import { type Names, type Outcome, unreadable } from "./operators.js";
import type { ASTNode } from "./parse.js";
import { Failure, isStop, type Stop, worse } from "./stop.js";
import { type CelValue, describe } from "./value.js";

/** What an evaluation works with. */
export interface Evaluating extends Means {
  readonly scope: Scope;
  /** What the check inferred for each node. */
  readonly types: ReadonlyMap<ASTNode, Type>;
  /** Evaluates one node, where these names are bound. */
  readonly run: (node: ASTNode, bound: Bound | null) => Outcome;
  /** Told of every node that had a value or lacked one. */
  readonly met: (node: ASTNode, value: CelValue) => void;
}

/** Names that macros bind, the innermost first. */
export interface Bound {
  readonly name: string;
  readonly value: CelValue;
  readonly outer: Bound | null;
}

/** How a node is written, for messages. */
export function written(node: ASTNode): string {
  const text = node.input.slice(node.start, node.end).replace(/\s+/g, " ");
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}

export const namesOf = ([left, right]: readonly [ASTNode, ASTNode]): Names => ({
  left: () => written(left),
  right: () => written(right),
});

/** Of two outcomes, one of which is a stop. */
export function stopOf(left: Outcome, right: Outcome): Stop {
  const stop = worse(isStop(left) ? left : null, isStop(right) ? right : null);
  if (stop === null) throw new Error("one of both outcomes is a stop");
  return stop;
}

/** All values, or the worst of what stands in their way. */
export function runAll(nodes: readonly ASTNode[], means: Evaluating, bound: Bound | null): readonly CelValue[] | Stop {
  const values: CelValue[] = [];
  let stop: Stop | null = null;
  for (const node of nodes) {
    const value = means.run(node, bound);
    if (isStop(value)) stop = worse(stop, value);
    else values.push(value);
  }
  return stop ?? values;
}

/** A value that is neither null nor cut. */
export function readable(node: ASTNode, means: Evaluating, bound: Bound | null): Outcome {
  const value = means.run(node, bound);
  return isStop(value) ? value : (unreadable(value, () => written(node)) ?? value);
}

/** Two such values. */
export function readableBoth(
  [left, right]: readonly [ASTNode, ASTNode],
  means: Evaluating,
  bound: Bound | null,
): readonly [CelValue, CelValue] | Stop {
  const [a, b] = [readable(left, means, bound), readable(right, means, bound)];
  return isStop(a) || isStop(b) ? stopOf(a, b) : [a, b];
}

/** A value that has to be true or false. */
export function truth(node: ASTNode, means: Evaluating, bound: Bound | null): boolean | Stop {
  const value = readable(node, means, bound);
  if (isStop(value) || typeof value === "boolean") return value;
  return new Failure(`${written(node)} must be true or false, it is ${describe(value)}`);
}
