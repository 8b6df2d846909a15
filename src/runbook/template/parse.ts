import { parse } from "handlebars/dist/cjs/handlebars/compiler/base.js";
import type { Diagnostic } from "../../model/diagnostic.js";
import type { Located } from "../located.js";

/** A text with mustaches, parsed. */
export type TemplateNode =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "value"; readonly path: Path }
  | {
      readonly type: "if";
      readonly test: Path;
      readonly negated: boolean;
      readonly body: readonly TemplateNode[];
      readonly otherwise: readonly TemplateNode[];
    }
  | {
      readonly type: "each";
      readonly list: Path;
      /** Names for the element and its index or key, as in `{{#each rows as |row index|}}`. */
      readonly names: readonly string[];
      readonly body: readonly TemplateNode[];
      readonly otherwise: readonly TemplateNode[];
    };

/** What a mustache names. */
export interface Path {
  /** As it stands in the text, between `start` and `end`. */
  readonly written: string;
  readonly start: number;
  readonly end: number;
  /** How many `{{#each}}` outwards it starts. */
  readonly up: number;
  /** A name, or the element of the `each`, or its `@index`, `@key`, `@first`, `@last`. */
  readonly head: { readonly kind: "name" | "data"; readonly name: string } | { readonly kind: "this" };
  readonly keys: readonly string[];
}

interface ParsedTemplate {
  readonly nodes: readonly TemplateNode[];
  readonly diagnostics: readonly Diagnostic[];
}

const deepestBlocks = 50;

const literally = "write \\{{ for braces that are no mustache";

/**
 * Parses a text with Handlebars' grammar, of which only paths are taken, and `if`, `unless`, `each`, `else` where
 * `blocks` allows them. Values are never escaped: where they go decides that.
 */
export function parseTemplate(source: Located, blocks: boolean): ParsedTemplate {
  const { text } = source;
  if (!text.includes("{{")) return { nodes: text === "" ? [] : [{ type: "text", text }], diagnostics: [] };
  const plain = parsePlain(text);
  if (plain !== null) return { nodes: plain, diagnostics: [] };
  const diagnostics: Diagnostic[] = [];
  const fault = (message: string, start: number, end: number, hint?: string): null => {
    const place = source.place(start, end);
    diagnostics.push({ severity: "error", code: "bad-mustache", message, place, ...(hint !== undefined && { hint }) });
    return null;
  };
  if (nesting(text) > deepestBlocks) {
    fault(`expected at most ${deepestBlocks} blocks inside each other, found more`, 0, text.length);
    return { nodes: [], diagnostics };
  }
  const program = parseHandlebars(text);
  if (!program.ok) {
    const { start, end, block } = program;
    const found = text.slice(start, end);
    if (block !== undefined) {
      fault(
        block === "open" ? `expected an end of ${found}, found none` : `found ${found}, which ends no open block`,
        start,
        end,
      );
      return { nodes: [], diagnostics };
    }
    // An element stands behind a dot, and as the last one in brackets.
    const indexed = found.replace(/([\w\]])\[(\d+)\]/g, "$1.[$2]").replace(/\.(\d+)(\s*~?\}\})$/, ".[$1]$2");
    const hint = indexed === found ? literally : `write ${indexed}`;
    fault(`expected a mustache such as {{name}} or {{name.field}}, found ${found}`, start, end, hint);
    return { nodes: [], diagnostics };
  }
  const offsetOf = offsets(text);
  const span = (node: hbs.AST.Node): readonly [number, number] => [offsetOf(node.loc.start), offsetOf(node.loc.end)];

  const list = (statements: readonly hbs.AST.Statement[]): TemplateNode[] =>
    statements.map(one).filter((node) => node !== null);

  const one = (statement: hbs.AST.Statement): TemplateNode | null => {
    const [start, end] = span(statement);
    const found = text.slice(start, end);
    // Handlebars' types name the base of its statements; `type` tells which one it is.
    switch (statement.type) {
      case "ContentStatement":
        return { type: "text", text: (statement as hbs.AST.ContentStatement).value };
      case "CommentStatement":
        return null;
      case "MustacheStatement": {
        const mustache = statement as hbs.AST.MustacheStatement;
        if (!mustache.escaped)
          return fault(
            `expected two braces, found ${found}`,
            start,
            end,
            "values are put in as they are, two braces suffice",
          );
        if (mustache.params.length > 0 || (mustache.hash !== undefined && mustache.hash !== null)) {
          return fault(`expected one name, found ${found}: there are no helpers`, start, end, literally);
        }
        const path = pathOf(mustache.path);
        return path === null ? null : { type: "value", path };
      }
      case "BlockStatement":
        return block(statement as hbs.AST.BlockStatement);
      default:
        return fault(`expected a mustache such as {{name}} or {{name.field}}, found ${found}`, start, end, literally);
    }
  };

  const block = (statement: hbs.AST.BlockStatement): TemplateNode | null => {
    const [start, end] = span(statement);
    const opening = /^[^}]*\}*/.exec(text.slice(start, end))?.[0] ?? "";
    const kind = statement.path.original;
    const [argument] = statement.params;
    if (!blocks) {
      return fault(
        `expected a plain mustache, found ${opening}: blocks stand in notes and other texts for people`,
        start,
        Math.min(end, start + opening.length),
      );
    }
    if ((kind !== "if" && kind !== "unless" && kind !== "each") || text[start + 2] === "{") {
      return fault(
        `expected {{#if}}, {{#unless}} or {{#each}}, found ${opening}`,
        start,
        start + opening.length,
        literally,
      );
    }
    if (
      argument === undefined ||
      statement.params.length > 1 ||
      (statement.hash !== undefined && statement.hash !== null)
    ) {
      return fault(`expected one name, as in {{#${kind} name}}, found ${opening}`, start, start + opening.length);
    }
    const path = pathOf(argument);
    if (path === null) return null;
    // An inverse block ({{^}} first) comes without a program, whatever the types say.
    const body = list((statement.program as hbs.AST.Program | undefined)?.body ?? []);
    const otherwise = list((statement.inverse as hbs.AST.Program | undefined)?.body ?? []);
    if (kind !== "each") return { type: "if", test: path, negated: kind === "unless", body, otherwise };
    const names = (statement.program as hbs.AST.Program | undefined)?.blockParams ?? [];
    return { type: "each", list: path, names, body, otherwise };
  };

  const pathOf = (expression: hbs.AST.Expression): Path | null => {
    const [start, end] = span(expression);
    const found = text.slice(start, end);
    if (expression.type !== "PathExpression") {
      return fault(`expected a name, found ${found}`, start, end, literally);
    }
    const { original, parts, depth, data } = expression as hbs.AST.PathExpression;
    const keys = parts.map(String);
    if (data) {
      const [name = "", ...rest] = keys;
      return { written: found, start, end, up: depth, head: { kind: "data", name }, keys: rest };
    }
    const [name, ...rest] = keys;
    const isThis = /^(?:\.\.\/)*(?:this(?:[./]|$)|\.(?:\/|$))/.test(original) || name === undefined;
    if (isThis) return { written: found, start, end, up: depth, head: { kind: "this" }, keys };
    return { written: found, start, end, up: depth, head: { kind: "name", name }, keys: rest };
  };

  return { nodes: list(program.body), diagnostics };
}

/** Words of Handlebars' grammar that are no names. */
const words = /\b(?:else|this|true|false|null|undefined|as)\b/;

/**
 * The common case, text with `{{name}}` and `{{name.field}}` alone, without Handlebars' parser, which takes ten times as
 * long. null: something else is in it.
 */
function parsePlain(text: string): readonly TemplateNode[] | null {
  const nodes: TemplateNode[] = [];
  let at = 0;
  for (let open = text.indexOf("{{"); open !== -1; open = text.indexOf("{{", at)) {
    const close = text.indexOf("}}", open);
    const inside = text.slice(open + 2, close === -1 ? open + 2 : close);
    const written = inside.trim();
    if (!/^[a-z]\w*(?:\.[A-Za-z_]\w*)*$/.test(written) || words.test(written)) return null;
    if (text[open - 1] === "\\" || text[close + 2] === "}") return null;
    if (open > at) nodes.push({ type: "text", text: text.slice(at, open) });
    const start = open + 2 + inside.indexOf(written);
    const [name = "", ...keys] = written.split(".");
    const path: Path = { written, start, end: start + written.length, up: 0, head: { kind: "name", name }, keys };
    nodes.push({ type: "value", path });
    at = close + 2;
  }
  if (at < text.length) nodes.push({ type: "text", text: text.slice(at) });
  return nodes;
}

type Parsed =
  | { readonly ok: true; readonly body: readonly hbs.AST.Statement[] }
  | {
      readonly ok: false;
      readonly start: number;
      readonly end: number;
      /** The mustache itself is one, but blocks do not close as they open. */
      readonly block?: "open" | "close";
    };

/** Handlebars tells the line of a fault only, so the mustache at fault is looked for: the first that is none by itself. */
function parseHandlebars(text: string): Parsed {
  try {
    return { ok: true, body: parse(text).body };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    for (const match of text.matchAll(/\{\{(?:(?!\}\})[\s\S])*(?:\}\}+|$)/g)) {
      const [mustache] = match;
      const span = { ok: false, start: match.index, end: match.index + Math.min(mustache.length, 120) } as const;
      if (/^\{\{~?\s*[#^/]|^\{\{~?\s*else\b/.test(mustache)) continue;
      try {
        parse(mustache);
      } catch (fault) {
        if (fault instanceof Error) return span;
        throw fault;
      }
    }
    // Each mustache is one, so the blocks do not close as they open.
    const blocks = [...text.matchAll(/\{\{~?\s*[#^/](?:(?!\}\})[\s\S])*\}\}/g)];
    const open: RegExpMatchArray[] = [];
    for (const block of blocks) {
      const [, kind = "", name = ""] = /^\{\{~?\s*([#^/])\s*([^\s}~]*)/.exec(block[0]) ?? [];
      if (kind !== "/") open.push(block);
      else if (/^\{\{~?\s*[#^]\s*([^\s}~]*)/.exec(open.pop()?.[0] ?? "")?.[1] !== name) return spanOf(block, "close");
    }
    const last = open.at(-1);
    return last === undefined ? { ok: false, start: 0, end: text.length } : spanOf(last, "open");
  }
}

const spanOf = (match: RegExpMatchArray, block: "open" | "close"): Parsed => ({
  ok: false,
  start: match.index ?? 0,
  end: (match.index ?? 0) + match[0].length,
  block,
});

/** How deep blocks stand inside each other at most, told before a parser that recurses sees them. */
function nesting(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [, kind] of text.matchAll(/\{\{~?\s*([#^/]|else\s+\w)/g)) {
    depth += kind === "/" ? -1 : 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/** From Handlebars' lines (from 1) and columns (from 0) to offsets. */
function offsets(text: string): (position: hbs.AST.Position) => number {
  const starts = [0];
  for (const match of text.matchAll(/\r\n?|\n/g)) starts.push(match.index + match[0].length);
  return ({ line, column }) => (starts[line - 1] ?? 0) + column;
}
