import MarkdownIt, { type Token } from "markdown-it";
import { placeholder, placeholders, type RichText } from "../../model/rich-text.js";

/** Parses an author's Markdown: no raw HTML, no bare links. Values stand in it as placeholders and are never parsed. */
const parser = new MarkdownIt("default", { html: false, linkify: false, typographer: false });

export const parseBlocks = (text: RichText): readonly Token[] => parser.parse(text.markdown, {});

/** The same as a single run of inline pieces: for titles. */
export const parseInline = (text: RichText): readonly Token[] =>
  parser.parseInline(onOneLine(text.markdown), {})[0]?.children ?? [];

const onOneLine = (text: string): string => text.replace(/\s+/g, " ").trim();

/** What a single run of inline pieces says when it is one value, or has neither markup nor values, as most titles; else null. */
export function wordsOf({ markdown, values }: RichText): string | null {
  if (markdown === loneValue) return values[0] ?? "";
  return words.test(markdown) ? onOneLine(markdown) : null;
}

const loneValue = placeholder(0);

/** None of these means anything in Markdown inside a line. */
const words = /^[A-Za-z0-9 .,:;?/()'"=+%@-]*$/;

/** A parsed text with its values put in. */
export const filled = (content: string, values: readonly string[]): string =>
  content.replace(placeholders, (_, index: string) => values[Number(index)] ?? "");

/** An author's text on one line without any markup: for labels. */
export const plainOf = (text: RichText): string => onOneLine(wordsOf(text) ?? pieces(parseInline(text), text.values));

const pieces = (tokens: readonly Token[], values: readonly string[]): string =>
  tokens.map((token) => (token.type === "softbreak" ? " " : filled(token.content, values))).join("");

/** Where a link of the author's leads, or null when it is no `http(s)` address. */
export function linkTarget(href: string, values: readonly string[]): string | null {
  const whole = href.replace(/^%EE%80%80(\d+)%EE%80%81/, (_, index: string) =>
    encodeURI(wellFormed(values[Number(index)] ?? "")),
  );
  const target = whole.replace(/%EE%80%80(\d+)%EE%80%81/g, (_, index: string) =>
    encodeURIComponent(wellFormed(values[Number(index)] ?? "")),
  );
  return /^https?:\/\/[^\s<>"]+$/i.test(target) ? target : null;
}

/** Lone surrogates cannot be encoded. */
const wellFormed = (text: string): string => text.replace(/\p{Cs}/gu, "\ufffd");

export type { Token };
