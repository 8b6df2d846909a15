import { type ASTNode, childrenOf } from "./parse.js";

/** What an expression reads from its scope: for each node that is a path, how it is written. */
export interface Paths {
  /** `probe`, `probe.status`, `result.rows[0]`: also those that only lead to a longer one. */
  readonly all: ReadonlyMap<ASTNode, string>;
  /** Without those that only lead to a longer one, in the order of the text. */
  readonly whole: ReadonlySet<ASTNode>;
}

const macros = new Set(["all", "exists", "exists_one", "map", "filter"]);

/** Whether a call is one of CEL's macros over a list: its first argument names the element. */
export const isMacro = (node: ASTNode): node is Extract<ASTNode, { op: "rcall" }> =>
  node.op === "rcall" && macros.has(node.args[0]) && node.args[2].length >= 2;

/** What the first argument of a macro calls the element. */
export function elementName(node: Extract<ASTNode, { op: "rcall" }>): string {
  const [name] = node.args[2];
  if (name?.op !== "id") throw new Error("the parser let a macro without a name for its element through");
  return name.args;
}

/** The paths of an expression; names that a macro binds are none. */
export function pathsOf(root: ASTNode): Paths {
  const all = new Map<ASTNode, string>();
  const whole = new Set<ASTNode>();
  const visit = (node: ASTNode, bound: ReadonlySet<string>): void => {
    const path = follow(node, bound, all);
    if (path !== null) {
      whole.add(node);
      return;
    }
    if (isMacro(node)) {
      visit(node.args[1], bound);
      const inside = new Set(bound).add(elementName(node));
      for (const argument of node.args[2].slice(1)) visit(argument, inside);
      return;
    }
    for (const child of childrenOf(node)) visit(child, bound);
  };
  visit(root, new Set());
  return { all, whole };
}

/** How a path is written, or null when the node is none; notes it and what leads to it. */
function follow(node: ASTNode, bound: ReadonlySet<string>, all: Map<ASTNode, string>): string | null {
  const path = spell(node, bound, all);
  if (path !== null) all.set(node, path);
  return path;
}

function spell(node: ASTNode, bound: ReadonlySet<string>, all: Map<ASTNode, string>): string | null {
  if (node.op === "id") return bound.has(node.args) ? null : node.args;
  if (node.op === ".") {
    const object = follow(node.args[0], bound, all);
    return object === null ? null : `${object}.${node.args[1]}`;
  }
  if (node.op === "[]" && node.args[1].op === "value") {
    const key = node.args[1].args;
    if (typeof key !== "string" && typeof key !== "bigint") return null;
    const object = follow(node.args[0], bound, all);
    return object === null ? null : `${object}[${typeof key === "string" ? JSON.stringify(key) : key}]`;
  }
  return null;
}
