import { UnsignedInt } from "@marcbachmann/cel-js/evaluator";
import { has, index, lookup, select } from "./access.js";
import { callFunction } from "./functions.js";
import { callOnList } from "./lists.js";
import { macro } from "./macros.js";
import {
  type Bound,
  type Evaluating,
  namesOf,
  readable,
  readableBoth,
  runAll,
  stopOf,
  truth,
  written,
} from "./operands.js";
import { calculate, contains, equal, isNull, type Outcome, order } from "./operators.js";
import type { ASTNode } from "./parse.js";
import { isMacro } from "./paths.js";
import { isListFunction } from "./signatures.js";
import { Failure, isStop, type Stop, worse } from "./stop.js";
import { type CelValue, describe, MadeList } from "./value.js";

/**
 * Evaluates a checked expression by CEL's rules with one addition: what depends on a null or on a cut text is unknown.
 * Throws `BudgetSpent`. The library's own evaluator knows neither unknowns nor a limit of costs, so it does the calls only.
 */
export function evaluateCel(root: ASTNode, means: Omit<Evaluating, "run">): Outcome {
  const evaluating: Evaluating = { ...means, run: (node, bound) => run(node, evaluating, bound) };
  return run(root, evaluating, null);
}

function run(node: ASTNode, means: Evaluating, bound: Bound | null): Outcome {
  means.budget.spend(1);
  switch (node.op) {
    case "value":
      return node.args instanceof UnsignedInt ? node.args.value : node.args;
    case "id":
      return lookup(node, means, bound);
    case ".":
      return select(node, means, bound);
    case "[]":
      return index(node, means, bound);
    case "call":
      return call(node, means, bound);
    case "rcall":
      return isMacro(node) ? macro(node, means, bound) : method(node, means, bound);
    case "list": {
      const items = runAll(node.args, means, bound);
      return isStop(items) ? items : new MadeList(items);
    }
    case "map":
      return makeMap(node, means, bound);
    case "?:": {
      const condition = truth(node.args[0], means, bound);
      if (isStop(condition)) return condition;
      return run(condition ? node.args[1] : node.args[2], means, bound);
    }
    case "&&":
      return decide(false, node.args, means, bound);
    case "||":
      return decide(true, node.args, means, bound);
    case "!_": {
      const operand = truth(node.args, means, bound);
      return isStop(operand) ? operand : !operand;
    }
    case "-_": {
      const operand = readable(node.args, means, bound);
      if (isStop(operand)) return operand;
      if (typeof operand !== "number" && typeof operand !== "bigint") {
        return new Failure(`- needs a number, ${written(node.args)} is ${describe(operand)}`);
      }
      return typeof operand === "number" ? -operand : calculate("-", 0n, operand, means.budget);
    }
    case "==":
    case "!=": {
      const same = compare(node.args, means, bound);
      return isStop(same) || node.op === "==" ? same : !same;
    }
    case "in": {
      const [left, right] = [run(node.args[0], means, bound), run(node.args[1], means, bound)];
      if (isStop(left) || isStop(right)) return stopOf(left, right);
      return contains(left, right, means.budget, namesOf(node.args));
    }
    case "<":
    case "<=":
    case ">":
    case ">=": {
      const operands = readableBoth(node.args, means, bound);
      return isStop(operands) ? operands : order(node.op, operands[0], operands[1]);
    }
    case "+":
    case "-":
    case "*":
    case "/":
    case "%": {
      const operands = readableBoth(node.args, means, bound);
      return isStop(operands) ? operands : calculate(node.op, operands[0], operands[1], means.budget);
    }
    case ".?":
    case "[?]":
      throw new Error("the parser let an optional access through, which is switched off");
    default:
      return node satisfies never;
  }
}

const isNullLiteral = (node: ASTNode): boolean => node.op === "value" && node.args === null;

/** `&&` and `||`: one operand that decides is enough, whatever is wrong with or unknown about the other. */
function decide(
  decisive: boolean,
  [left, right]: readonly [ASTNode, ASTNode],
  means: Evaluating,
  bound: Bound | null,
): boolean | Stop {
  const first = truth(left, means, bound);
  if (first === decisive) return decisive;
  const second = truth(right, means, bound);
  if (second === decisive) return decisive;
  return isStop(first) || isStop(second) ? stopOf(first, second) : !decisive;
}

function compare([left, right]: readonly [ASTNode, ASTNode], means: Evaluating, bound: Bound | null): boolean | Stop {
  const [a, b] = [run(left, means, bound), run(right, means, bound)];
  if (isStop(a) || isStop(b)) return stopOf(a, b);
  if (isNullLiteral(left)) return isNull(b);
  if (isNullLiteral(right)) return isNull(a);
  return equal(a, b, means.budget, namesOf([left, right]));
}

function makeMap(node: Extract<ASTNode, { op: "map" }>, means: Evaluating, bound: Bound | null): Outcome {
  const made = new Map<string, CelValue>();
  let stop: Stop | null = null;
  for (const [keyNode, valueNode] of node.args) {
    const key = readable(keyNode, means, bound);
    const value = run(valueNode, means, bound);
    if (isStop(key) || isStop(value)) stop = worse(stop, stopOf(key, value));
    else if (typeof key === "string") made.set(key, value);
    else stop = worse(stop, new Failure(`a key is a text, ${written(keyNode)} is ${describe(key)}`));
  }
  return stop ?? made;
}

function call(node: Extract<ASTNode, { op: "call" }>, means: Evaluating, bound: Bound | null): Outcome {
  const [name, nodes] = node.args;
  const [first] = nodes;
  if (name === "has" && first !== undefined) return has(first, means, bound);
  if (first !== undefined && nodes.length === 1 && isListFunction(name)) {
    const list = readable(first, means, bound);
    return isStop(list) ? list : callOnList(name, first, list, means);
  }
  const takesNull = name === "dyn" || name === "type";
  const given: CelValue[] = [];
  let stop: Stop | null = null;
  for (const argument of nodes) {
    const value = takesNull ? run(argument, means, bound) : readable(argument, means, bound);
    if (isStop(value)) stop = worse(stop, value);
    else given.push(value);
  }
  return stop ?? callFunction(name, undefined, given, means);
}

function method(node: Extract<ASTNode, { op: "rcall" }>, means: Evaluating, bound: Bound | null): Outcome {
  const [name, receiverNode, nodes] = node.args;
  const receiver = readable(receiverNode, means, bound);
  const given: CelValue[] = [];
  let stop: Stop | null = isStop(receiver) ? receiver : null;
  for (const argument of nodes) {
    const value = readable(argument, means, bound);
    if (isStop(value)) stop = worse(stop, value);
    else given.push(value);
  }
  if (stop !== null || isStop(receiver)) return stop ?? receiver;
  return callFunction(name, receiver, given, means);
}
