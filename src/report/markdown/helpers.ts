import type { EvidenceRef } from "../../model/evidence.js";
import type { Ground } from "../../model/ground.js";
import type { RichText } from "../../model/rich-text.js";
import { type Helper, markup } from "../text/template.js";
import { wordHelpers } from "../text/word-helpers.js";
import { compact, evidenceHref } from "../text/words.js";
import { blockOf, commandOf, factsOf } from "./blocks.js";
import { codeCell, codeSpan, escapeText, fenced } from "./escape.js";
import { blocksOf, inlineOf } from "./rich-text.js";

const raw = (text: string) => markup(text);

/** What a template can call. Those that give Markdown return it as markup; all others are escaped as text. */
export const markdownHelpers: Readonly<Record<string, Helper>> = {
  ...wordHelpers,
  inline: (text: RichText | null) => (text === null ? "" : raw(inlineOf(text))),
  cellInline: (text: RichText) => raw(inlineOf(text, { cell: true })),
  prose: (text: RichText | null) => (text === null ? "" : raw(quoted(blocksOf(text)))),
  code: (value: unknown) => raw(codeSpan(String(value ?? ""))),
  codeCut: (value: string) => raw(codeSpan(excerpt(value.trim().replace(/\s+/g, " ")))),
  cell: (value: unknown) => raw(codeCell(String(value ?? ""))),
  json: (value: unknown) => raw(codeSpan(compact(value, 2000))),
  cellJson: (value: unknown) => raw(codeCell(compact(value, 300))),
  fence: (text: string, info: string) => raw(fenced(text, info)),
  command: (text: string) => raw(commandOf(text)),
  link: (anchor: string, text: string) => raw(`[${escapeText(text)}](#${anchor})`),
  richLink: (anchor: string, text: RichText) => raw(`[${inlineOf(text, { links: false })}](#${anchor})`),
  block: (block: Parameters<typeof blockOf>[0]) => raw(blockOf(block)),
  facts: (facts: Parameters<typeof factsOf>[0]) => raw(factsOf(facts)),
  heading: (depth: number) => raw("#".repeat(Math.min(6, depth + 3))),
  evidenceName: ({ path }: EvidenceRef) => {
    const href = evidenceHref(path);
    return raw(href === null ? codeCell(path) : `[${codeCell(path)}](${href})`);
  },
  expectationName: ({ step, expectation }: Ground) => (expectation === null ? step : `${step}.${expectation}`),
};

const excerpt = (text: string): string => (text.length <= 200 ? text : `${text.slice(0, 200)}…`);

const quoted = (text: string): string =>
  text
    .split("\n")
    .map((line) => (line === "" ? ">" : `> ${line}`))
    .join("\n");
