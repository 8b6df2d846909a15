import type { Diagnostic } from "../../model/diagnostic.js";
import { compileRe2 } from "../../util/re2.js";
import type { Located } from "../located.js";
import { nameFault, unknownField } from "../name-fault.js";
import type { NameTable } from "../names.js";
import { describeType, dyn, fieldType, isNumber, record, type Type, unify } from "../type.js";
import { typeNames } from "./access.js";
import { appliedToList } from "./lists.js";
import { written } from "./operands.js";
import { type ASTNode, childrenOf } from "./parse.js";
import { elementName, isMacro } from "./paths.js";
import { functionHint, incomparable, isOpen, literalType, macroShapes } from "./signatures.js";
import { applied, arithmetic, orderFault, withoutQuotes } from "./typing.js";

export interface Checked {
  readonly type: Type;
  /** Of every node that was reached. */
  readonly types: ReadonlyMap<ASTNode, Type>;
  readonly diagnostics: readonly Diagnostic[];
}

const bool: Type = { kind: "bool" };

/**
 * Infers the type of every node and reports what cannot be right: names and fields that do not exist, operands that
 * cannot go together. What is not known (`dyn`) is left to the evaluation.
 */
export function checkCel(root: ASTNode, source: Located, names: NameTable): Checked {
  const types = new Map<ASTNode, Type>();
  const diagnostics: Diagnostic[] = [];
  const report = (node: ASTNode, code: string, message: string, hint?: string, start = node.start): null => {
    const place = source.place(start, node.end);
    diagnostics.push({ severity: "error", code, message, place, ...(hint !== undefined && { hint }) });
    return null;
  };

  type Bound = ReadonlyMap<string, Type>;

  const infer = (node: ASTNode, bound: Bound): Type => {
    const type = inferNode(node, bound) ?? dyn;
    types.set(node, type);
    return type;
  };

  const expectBool = (node: ASTNode, bound: Bound): void => {
    const type = infer(node, bound);
    if (type.kind !== "bool" && !isOpen(type)) {
      report(node, "wrong-type", `expected true or false, found ${describeType(type)}`);
    }
  };

  const inferNode = (node: ASTNode, bound: Bound): Type | null => {
    switch (node.op) {
      case "value":
        return literalType(node.args);
      case "id":
        return inferName(node, bound);
      case ".":
        return inferField(node, infer(node.args[0], bound));
      case "[]":
        return inferIndex(node, bound);
      case "call":
        return inferCall(node, bound);
      case "rcall":
        return isMacro(node) ? inferMacro(node, bound) : inferMethod(node, bound);
      case "list": {
        const [first = dyn, ...rest] = node.args.map((item) => infer(item, bound));
        return { kind: "list", of: rest.reduce(unify, first) };
      }
      case "map":
        return inferMap(node, bound);
      case "?:":
        expectBool(node.args[0], bound);
        return unify(infer(node.args[1], bound), infer(node.args[2], bound));
      case "&&":
      case "||":
        for (const operand of node.args) expectBool(operand, bound);
        return bool;
      case "!_":
        expectBool(node.args, bound);
        return bool;
      case "-_": {
        const type = infer(node.args, bound);
        return isOpen(type) || isNumber(type)
          ? type
          : report(node, "wrong-type", `- expects a number, found ${describeType(type)}`);
      }
      case "==":
      case "!=":
        checkComparable(node, infer(node.args[0], bound), infer(node.args[1], bound));
        return bool;
      case "in":
        checkMembership(node, infer(node.args[0], bound), infer(node.args[1], bound));
        return bool;
      case "<":
      case "<=":
      case ">":
      case ">=":
        checkOrder(node, infer(node.args[0], bound), infer(node.args[1], bound));
        return bool;
      case "+":
      case "-":
      case "*":
      case "/":
      case "%":
        return inferArithmetic(node, infer(node.args[0], bound), infer(node.args[1], bound));
      case ".?":
      case "[?]":
        throw new Error("the parser let an optional access through, which is switched off");
      default:
        return node satisfies never;
    }
  };

  const inferName = (node: Extract<ASTNode, { op: "id" }>, bound: Bound): Type | null => {
    const local = bound.get(node.args);
    if (local !== undefined) return local;
    const known = names.types.get(node.args);
    if (known !== undefined) return known;
    if (typeNames.has(node.args)) return dyn;
    const fault = nameFault(node.args, names, source.place(node.start, node.end), bound.keys());
    const quoted = fault.code === "unknown-name" && { hint: `a text stands in quotes: "${node.args}"` };
    diagnostics.push({ ...quoted, ...fault });
    return null;
  };

  const inferField = (node: Extract<ASTNode, { op: "." }>, object: Type): Type | null => {
    const [objectNode, name] = node.args;
    const type = fieldType(object, name);
    if (type !== null) return type;
    const place = source.place(node.end - name.length, node.end);
    diagnostics.push(unknownField(name, written(objectNode), object, place));
    return null;
  };

  const inferIndex = (node: Extract<ASTNode, { op: "[]" }>, bound: Bound): Type | null => {
    const [objectNode, keyNode] = node.args;
    const object = infer(objectNode, bound);
    const key = infer(keyNode, bound);
    if (object.kind === "list") {
      if (isOpen(key) || isNumber(key)) return object.of;
      return report(keyNode, "wrong-type", `an index is an integer, found ${describeType(key)}`);
    }
    if (object.kind === "object") {
      if (key.kind !== "string") {
        return isOpen(key) ? dyn : report(keyNode, "wrong-type", `a key is a text, found ${describeType(key)}`);
      }
      if (keyNode.op !== "value" || typeof keyNode.args !== "string") return dyn;
      const type = fieldType(object, keyNode.args);
      if (type !== null) return type;
      const place = source.place(keyNode.start, keyNode.end);
      diagnostics.push(unknownField(keyNode.args, written(objectNode), object, place));
      return null;
    }
    if (isOpen(object)) return dyn;
    return report(objectNode, "wrong-type", `only lists and objects have elements, found ${describeType(object)}`);
  };

  const inferMap = (node: Extract<ASTNode, { op: "map" }>, bound: Bound): Type => {
    const fields: [string, Type][] = [];
    let open = false;
    for (const [keyNode, valueNode] of node.args) {
      const key = infer(keyNode, bound);
      const value = infer(valueNode, bound);
      if (keyNode.op === "value" && typeof keyNode.args === "string") fields.push([keyNode.args, value]);
      else open = true;
      if (key.kind !== "string" && !isOpen(key)) {
        report(keyNode, "wrong-type", `a key is a text, found ${describeType(key)}`);
      }
    }
    return { kind: "object", fields: record(fields), ...(open && { open }) };
  };

  const checkComparable = (node: ASTNode, left: Type, right: Type): void => {
    const fault = incomparable(left, right);
    if (fault !== null) report(node, fault.code, fault.message, withoutQuotes(node, fault));
  };

  const checkMembership = (node: Extract<ASTNode, { op: "in" }>, left: Type, right: Type): void => {
    if (isOpen(right)) return;
    if (right.kind === "list") {
      const fault = incomparable(left, right.of);
      if (fault !== null) report(node, fault.code, fault.message, withoutQuotes(node, fault));
      return;
    }
    if (right.kind === "object") {
      if (left.kind !== "string" && !isOpen(left)) {
        report(node.args[0], "wrong-type", `a key is a text, found ${describeType(left)}`);
      }
      return;
    }
    const [part, whole] = node.args.map(written);
    const hint = right.kind === "string" ? `write ${whole}.contains(${part})` : undefined;
    report(
      node.args[1],
      "wrong-type",
      `in expects a list or an object on its right, found ${describeType(right)}`,
      hint,
    );
  };

  const checkOrder = (node: ASTNode & { readonly op: string }, left: Type, right: Type): void => {
    const fault = orderFault(node.op, left, right);
    if (fault !== null) report(node, fault.code, fault.message, withoutQuotes(node, fault));
  };

  const inferArithmetic = (node: ASTNode & { readonly op: string }, left: Type, right: Type): Type | null => {
    const found = arithmetic(node.op, left, right);
    return "kind" in found ? found : report(node, found.code, found.message, found.hint);
  };

  const inferMacro = (node: Extract<ASTNode, { op: "rcall" }>, bound: Bound): Type | null => {
    const [name, rangeNode, [element, ...rest]] = node.args;
    const range = infer(rangeNode, bound);
    let item: Type = dyn;
    if (range.kind === "list") item = range.of;
    else if (range.kind === "object") item = { kind: "string" };
    else if (!isOpen(range)) {
      report(rangeNode, "wrong-type", `.${name}() goes through a list, found ${describeType(range)}`);
    }
    if (element !== undefined) types.set(element, item);
    const inside = new Map(bound).set(elementName(node), item);
    const [first, second] = rest;
    if (first === undefined) return dyn;
    if (name === "map") {
      if (second !== undefined) expectBool(first, inside);
      return { kind: "list", of: infer(second ?? first, inside) };
    }
    expectBool(first, inside);
    return name === "filter" ? { kind: "list", of: item } : bool;
  };

  const inferCall = (node: Extract<ASTNode, { op: "call" }>, bound: Bound): Type | null => {
    const [name, nodes] = node.args;
    const [first] = nodes;
    if (name === "has" && nodes.length === 1 && first !== undefined) {
      infer(first, bound);
      if (first.op !== ".") report(first, "wrong-type", "has() expects a field, as in has(result.json.name)");
      return bool;
    }
    const given = nodes.map((argument) => infer(argument, bound));
    const found = appliedToList(name, given);
    if (found === null) return inferFunction(node, name, null, given);
    return "kind" in found ? found : report(node, found.code, found.message, found.hint);
  };

  const inferMethod = (node: Extract<ASTNode, { op: "rcall" }>, bound: Bound): Type | null => {
    const [name, receiverNode, nodes] = node.args;
    const receiver = infer(receiverNode, bound);
    const shape = macroShapes.get(name);
    if (shape !== undefined) {
      for (const child of childrenOf(node).slice(2)) infer(child, bound);
      return report(node, "wrong-arguments", `expected ${written(receiverNode)}.${shape}`, undefined, receiverNode.end);
    }
    const given = nodes.map((argument) => infer(argument, bound));
    return inferFunction(node, name, receiver, given);
  };

  const inferFunction = (
    node: Extract<ASTNode, { op: "call" | "rcall" }>,
    name: string,
    receiver: Type | null,
    given: readonly Type[],
  ): Type | null => {
    const start = node.op === "rcall" ? node.args[1].end : node.start;
    const pattern = node.op === "rcall" ? node.args[2][0] : node.args[1][1];
    if (name === "matches" && pattern?.op === "value" && typeof pattern.args === "string") {
      const compiled = compileRe2(pattern.args);
      if (!compiled.ok) report(pattern, "bad-pattern", `expected an RE2 pattern, found a fault: ${compiled.message}`);
    }
    const found = applied(name, receiver, given);
    if (found === null) {
      return report(
        node,
        "unknown-function",
        `there is no function "${name}"`,
        functionHint(name, node, receiver),
        start,
      );
    }
    return "kind" in found ? found : report(node, found.code, found.message, found.hint, start);
  };

  return { type: infer(root, new Map()), types, diagnostics };
}
