import type { RichText } from "../../model/rich-text.js";
import { filled, linkTarget, parseBlocks, parseInline, type Token, wordsOf } from "../text/markdown-it.js";
import { escapeHtml } from "./escape.js";
import { highlighted } from "./highlight.js";

/** An author's text as one line of HTML: for headings, cells and links. */
export function inlineOf(text: RichText, { links = true } = {}): string {
  const words = wordsOf(text);
  return words === null ? html(parseInline(text), text.values, links) : escapeHtml(words);
}

/** An author's text as blocks. */
export const blocksOf = (text: RichText): string => html(parseBlocks(text), text.values, true);

/** Elements that a token opens or closes under its own name. A heading is a paragraph here: the page's outline is casebook's. */
const elements: Readonly<Record<string, string>> = {
  paragraph: "p",
  heading: "p",
  blockquote: "blockquote",
  bullet_list: "ul",
  ordered_list: "ol",
  list_item: "li",
  table: "table",
  thead: "thead",
  tbody: "tbody",
  tr: "tr",
  th: "th",
  td: "td",
  strong: "strong",
  em: "em",
  s: "s",
};

function html(tokens: readonly Token[], values: readonly string[], links: boolean): string {
  const parts: string[] = [];
  /** What closes each open link: nothing for one that leads nowhere. */
  const open: string[] = [];
  for (const token of tokens) {
    switch (token.type) {
      case "inline":
        parts.push(html(token.children ?? [], values, links));
        break;
      case "code_inline":
        parts.push(`<code>${escapeHtml(filled(token.content, values))}</code>`);
        break;
      case "fence":
      case "code_block": {
        const language = /^\w*/.exec(token.info)?.[0] ?? "";
        parts.push(`<pre tabindex="0"><code>${highlighted(filled(token.content, values), language)}</code></pre>\n`);
        break;
      }
      case "softbreak":
        parts.push("\n");
        break;
      case "hardbreak":
        parts.push("<br>");
        break;
      case "hr":
        parts.push("<hr>\n");
        break;
      case "image":
        parts.push(escapeHtml(filled((token.children ?? []).map(({ content }) => content).join(""), values)));
        break;
      case "link_open": {
        const target = links ? linkTarget(String(token.attrGet("href") ?? ""), values) : null;
        parts.push(target === null ? "" : `<a href="${escapeHtml(target)}" rel="noreferrer">`);
        open.push(target === null ? "" : "</a>");
        break;
      }
      case "link_close":
        parts.push(open.pop() ?? "");
        break;
      default:
        parts.push(tagOf(token) ?? escapeHtml(filled(token.content, values)));
    }
  }
  return parts.join("");
}

/** null for a token that is no element: then its content is text. */
function tagOf(token: Token): string | null {
  const [, name = "", side] = /^(\w+)_(open|close)$/.exec(token.type) ?? [];
  const element = elements[name];
  if (element === undefined) return null;
  if (token.hidden) return "";
  if (side === "close") return `</${element}>${token.block ? "\n" : ""}`;
  if (name === "heading") return '<p class="heading">';
  const start = name === "ordered_list" ? token.attrGet("start") : null;
  return start === null ? `<${element}>` : `<${element} start="${Number(start)}">`;
}
