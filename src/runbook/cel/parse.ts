import { type ASTNode, Environment, ParseError } from "@marcbachmann/cel-js";
import type { Diagnostic } from "../../model/diagnostic.js";
import { lazy } from "../../util/lazy.js";
import type { Located } from "../located.js";

export type { ASTNode };

/** Longer expressions belong into a program; the parser's own recursion is bounded by this. */
const maximumLength = 8000;

/** Levels of an expression, chains of operators included, which bounds the recursion of checking and evaluating. */
const maximumDepth = 250;

const grammar = lazy(() => new Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false }));

/** Many steps of a runbook ask the same, so what was parsed last is kept. Nothing changes a tree. */
const parsed = new Map<string, ASTNode>();
const remembered = 100;

/** The syntax tree of a CEL text; its ranges count UTF-16 units from the text's start. */
export function parseCel(source: Located): ASTNode | Diagnostic {
  const { text } = source;
  if (text.trim() === "") return syntax(source, "expected a condition (CEL), found an empty text", 0, text.length);
  if (text.length > maximumLength) {
    return syntax(source, `expected at most ${maximumLength} characters of CEL, found ${text.length}`, 0, text.length);
  }
  const known = parsed.get(text);
  if (known !== undefined) return known;
  try {
    const { ast } = grammar().parse(text);
    const depth = depthOf(ast);
    if (depth <= maximumDepth) {
      if (parsed.size >= remembered) parsed.clear();
      parsed.set(text, ast);
      return ast;
    }
    return syntax(source, `expected at most ${maximumDepth} levels of operators, found ${depth}`, 0, text.length);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return explained(source, error);
  }
}

function depthOf(root: ASTNode): number {
  let depth = 0;
  for (let level: ASTNode[] = [root]; level.length > 0; depth++) {
    const below: ASTNode[] = [];
    for (const node of level) below.push(...childrenOf(node));
    level = below;
  }
  return depth;
}

/** The operands of a node in the order of the text. */
export function childrenOf(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case "value":
    case "id":
      return [];
    case ".":
    case ".?":
      return [node.args[0]];
    case "call":
      return node.args[1];
    case "rcall":
      return [node.args[1], ...node.args[2]];
    case "map":
      return node.args.flat();
    case "!_":
    case "-_":
      return [node.args];
    default:
      return node.args;
  }
}

const tokens: Readonly<Record<string, string>> = {
  EOF: "the end",
  NUMBER: "a number",
  STRING: "a text",
  BOOLEAN: "true or false",
  NULL: "null",
  IDENTIFIER: "a name",
  PLUS: "+",
  MINUS: "-",
  MULTIPLY: "*",
  DIVIDE: "/",
  MODULO: "%",
  EQ: "==",
  NE: "!=",
  LT: "<",
  LE: "<=",
  GT: ">",
  GE: ">=",
  AND: "&&",
  OR: "||",
  NOT: "!",
  IN: "in",
  LPAREN: "(",
  RPAREN: ")",
  LBRACKET: "[",
  RBRACKET: "]",
  LBRACE: "{",
  RBRACE: "}",
  DOT: ".",
  COMMA: ",",
  COLON: ":",
  QUESTION: "?",
  BYTES: "bytes",
};

/** The parser's error in the words of a person, at its range. */
function explained(source: Located, error: ParseError): Diagnostic {
  const start = Math.min(error.range?.start ?? 0, source.text.length);
  const end = Math.max(start, Math.min(error.range?.end ?? source.text.length, source.text.length));
  const found = source.text.slice(start, end);
  const token = /: (\w+)$/.exec(error.summary)?.[1] ?? "";
  switch (error.code) {
    case "unexpected_token":
      return syntax(source, `expected a value, found ${tokens[token] ?? token}`, start, end);
    case "expected_token": {
      const [, expected = "", got = ""] = /^Expected (\w+), got (\w+)$/.exec(error.summary) ?? [];
      const mustache = /\{\{[^{}]*\}\}/.exec(source.text);
      if (mustache !== null) {
        const { index } = mustache;
        const message = "expected a condition (CEL), found a mustache";
        return syntax(source, message, index, index + mustache[0].length, withoutMustaches);
      }
      return syntax(source, `expected ${tokens[expected] ?? expected}, found ${tokens[got] ?? got}`, start, end);
    }
    case "unexpected_character":
      return syntax(
        source,
        `expected an operator or the end, found ${found}`,
        start,
        end,
        operatorHint(found, source.text[end]),
      );
    case "unterminated_string":
    case "unterminated_triple_quoted_string":
      return syntax(source, "expected a closing quote, found the end", start, end);
    case "newline_in_string":
      return syntax(source, "expected a closing quote, found the end of the line", start, end, "write \\n in the text");
    case "invalid_escape_sequence":
    case "invalid_hex_escape":
    case "invalid_unicode_escape":
    case "invalid_unicode_surrogate":
    case "invalid_octal_escape":
    case "octal_escape_out_of_range":
    case "bytes_unicode_escape": {
      const hint = `for a backslash write \\\\, or put r before the quotes, as in r"\\d+"`;
      return syntax(source, `expected an escape that CEL knows, found ${found}`, start, end, hint);
    }
    case "invalid_number":
    case "invalid_integer":
    case "invalid_hex_integer":
    case "invalid_exponent": {
      const upTo = source.text.slice(0, /^[\w.]/.test(found) ? end : start);
      return syntax(source, `expected a number, found ${/[\w.]*$/.exec(upTo)?.[0]}`, start, end);
    }
    case "reserved_identifier":
      return syntax(source, `expected a name, found ${found}, which CEL reserves`, start, end);
    case "invalid_macro_argument":
      return syntax(source, `expected a name for the element, as in list.filter(x, x > 1), found ${found}`, start, end);
    case "limit_exceeded": {
      const limits: Readonly<Record<string, string>> = {
        maxAstNodes: "a shorter expression",
        maxDepth: "less nesting",
        maxListElements: "a shorter list",
        maxMapEntries: "a smaller map",
        maxCallArguments: "fewer arguments",
      };
      const [, limit = "", most = ""] = /^Exceeded (\w+) \((\d+)\)$/.exec(error.summary) ?? [];
      return syntax(source, `expected ${limits[limit] ?? "less"}: at most ${most}`, start, end);
    }
    default:
      return syntax(source, error.summary, start, end);
  }
}

const withoutMustaches = "conditions are CEL: write the name without mustaches";

function operatorHint(found: string, next: string | undefined): string | undefined {
  const words: Readonly<Record<string, string>> = { and: "&&", or: "||", not: "!", is: "==" };
  if (found === "=") return next === "~" ? "write text.matches(pattern)" : "write == to compare";
  if (found === "$") return "conditions are CEL: write the name without $";
  if (found === "&" || found === "|") return `write ${found}${found}`;
  if (found === "{") return withoutMustaches;
  return Object.hasOwn(words, found) ? `write ${words[found]}` : undefined;
}

function syntax(source: Located, message: string, start: number, end: number, hint?: string): Diagnostic {
  return {
    severity: "error",
    code: "cel-syntax",
    message,
    place: source.place(start, end),
    ...(hint !== undefined && { hint }),
  };
}
