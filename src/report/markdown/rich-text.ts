import type { RichText } from "../../model/rich-text.js";
import { filled, linkTarget, parseBlocks, parseInline, type Token } from "../text/markdown-it.js";
import { codeCell, codeSpan, escapeEdges, escapeText, fenced } from "./escape.js";

/** Where a text of the author's goes. */
interface Place {
  readonly values: readonly string[];
  /** In a table. */
  readonly cell: boolean;
  /** Links are written; not inside of other links. */
  readonly links: boolean;
}

/** An author's text as one line of Markdown, for headings, cells and links. */
export const inlineOf = (text: RichText, { cell = false, links = true } = {}): string =>
  inline(parseInline(text), { values: text.values, cell, links }).replace(/\\?\n/g, " ");

/** An author's text as blocks of Markdown, written again from its parse: so nothing of it can leave its place. */
export const blocksOf = (text: RichText): string =>
  blocks(parseBlocks(text), { values: text.values, cell: false, links: true });

function blocks(tokens: readonly Token[], place: Place, tight = false): string {
  const written: string[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at];
    if (token === undefined) break;
    if (token.nesting !== 1) {
      written.push(leaf(token, place));
      continue;
    }
    const end = closing(tokens, at);
    written.push(container(token, tokens.slice(at + 1, end), place));
    at = end;
  }
  return written.filter((block) => block !== "").join(tight ? "\n" : "\n\n");
}

function closing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    depth += tokens[at]?.nesting ?? 0;
    if (depth === 0) return at;
  }
  return tokens.length;
}

function leaf(token: Token, place: Place): string {
  switch (token.type) {
    case "fence":
    case "code_block":
      return fenced(filled(token.content, place.values), /^[\w+-]*/.exec(token.info)?.[0] ?? "");
    case "hr":
      return "---";
    case "inline":
      return inline(token.children ?? [], place);
    default:
      return escapeText(filled(token.content, place.values));
  }
}

/** A heading becomes a bold line: the report's own headings alone make its outline. */
function container(token: Token, inner: readonly Token[], place: Place): string {
  switch (token.type) {
    case "heading_open":
      return `**${blocks(inner, place)}**`;
    case "blockquote_open":
      return indented(blocks(inner, place), "> ", "> ");
    case "bullet_list_open":
      return list(inner, place, () => "- ");
    case "ordered_list_open": {
      const first = Number(token.attrGet("start") ?? 1);
      return list(inner, place, (index) => `${first + index}. `);
    }
    case "table_open":
      return table(inner, place);
    default:
      return blocks(inner, place);
  }
}

function list(items: readonly Token[], place: Place, marker: (index: number) => string): string {
  const written: string[] = [];
  let tight = true;
  for (let at = 0; at < items.length; at++) {
    const end = closing(items, at);
    const inner = items.slice(at + 1, end);
    const isTight = inner.every((token) => token.type !== "paragraph_open" || token.hidden);
    tight &&= isTight;
    const mark = marker(written.length);
    written.push(indented(blocks(inner, place, isTight), mark, " ".repeat(mark.length)));
    at = end;
  }
  return written.join(tight ? "\n" : "\n\n");
}

const indented = (text: string, first: string, rest: string): string =>
  text
    .split("\n")
    .map((line, index) => (index === 0 ? first : rest) + line)
    .map((line) => line.trimEnd())
    .join("\n");

function table(tokens: readonly Token[], place: Place): string {
  const rows: string[][] = [];
  for (const token of tokens) {
    if (token.type === "tr_open") rows.push([]);
    if (token.type !== "inline") continue;
    rows.at(-1)?.push(inline(token.children ?? [], { ...place, cell: true }).replace(/\\?\n/g, " "));
  }
  const [head = [], ...body] = rows;
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...body.map(line)].join("\n");
}

function inline(tokens: readonly Token[], place: Place): string {
  const parts: string[] = [];
  /** What closes each open link: nothing for one that leads nowhere. */
  const links: string[] = [];
  for (const token of tokens) {
    switch (token.type) {
      case "text":
        parts.push(escapeInside(filled(token.content, place.values)));
        break;
      case "code_inline":
        parts.push((place.cell ? codeCell : codeSpan)(filled(token.content, place.values)));
        break;
      case "strong_open":
      case "strong_close":
        parts.push("**");
        break;
      case "em_open":
      case "em_close":
        parts.push("*");
        break;
      case "s_open":
      case "s_close":
        parts.push("~~");
        break;
      case "softbreak":
        parts.push("\n");
        break;
      case "hardbreak":
        parts.push("\\\n");
        break;
      case "link_open": {
        const target = place.links ? linkTarget(String(token.attrGet("href") ?? ""), place.values) : null;
        parts.push(target === null ? "" : "[");
        links.push(target === null ? "" : `](<${target.replace(/[\\<>|]/g, encodeURIComponent)}>)`);
        break;
      }
      case "link_close":
        parts.push(links.pop() ?? "");
        break;
      case "image":
        parts.push(escapeInside(filled(altOf(token), place.values)));
        break;
      default:
        parts.push(escapeInside(filled(token.content, place.values)));
    }
  }
  return parts.join("").split("\n").map(escapeEdges).join("\n");
}

/** Inside a line blanks at the edges are kept as they are; the line's own edges are escaped once it is whole. */
function escapeInside(text: string): string {
  const lead = /^ */.exec(text)?.[0] ?? "";
  const rest = text.slice(lead.length);
  const trail = / *$/.exec(rest)?.[0] ?? "";
  return `${lead}${escapeText(rest.slice(0, rest.length - trail.length))}${trail}`;
}

const altOf = (token: Token): string =>
  (token.children ?? []).map((child) => (child.type === "softbreak" ? " " : child.content)).join("");
