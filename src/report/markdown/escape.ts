import { visible, visibleLine } from "../../util/visible.js";

/**
 * A text as Markdown text on one line that shows exactly these characters: no emphasis, link, HTML, entity, mathematics or
 * table cell can come of it, wherever on a line it stands. Underscores inside words need no escape (CommonMark 6.2).
 */
export function escapeText(text: string): string {
  const escaped = visibleLine(text)
    .replace(/[\\`*[\]<>|~$]/g, "\\$&")
    .replace(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, "\\_")
    .replace(/&(?=[#A-Za-z])/g, "\\&")
    .replace(/:(?=\/\/)/g, "\\:")
    .replace(/\b(www)\./gi, "$1\\.");
  return escapeEdges(escaped);
}

/** Blanks at the edges, wide ones too, would be trimmed, or indent a code block; marks at the beginning would open a block. */
export const escapeEdges = (line: string): string =>
  line
    .replace(/^\s|\s$/g, (blank) => `&#${blank.charCodeAt(0)};`)
    .replace(/^(?=#{1,6}(?: |$)|[+-](?: |$)|-+$|=+$)/, "\\")
    .replace(/^(\d+)(?=[.)](?: |$))/, "$1\\");

/** A code span that shows exactly this text on one line; nothing for an empty one. */
export function codeSpan(text: string): string {
  const line = visibleLine(text);
  if (line === "") return "";
  const fence = "`".repeat(longestRun(line, "`") + 1);
  const padded = /^`|`$/.test(line) || (/^ .* $/.test(line) && line.trim() !== "") ? ` ${line} ` : line;
  return `${fence}${padded}${fence}`;
}

/** The same inside a table, where a bar ends the cell even in code. */
export const codeCell = (text: string): string => codeSpan(text).replace(/\|/g, "\\|");

/** A fenced block, with a fence longer than any run of backticks inside. */
export function fenced(text: string, info: string): string {
  const body = visible(text).replace(/\n$/, "");
  const fence = "`".repeat(Math.max(3, longestRun(body, "`") + 1));
  return `${fence}${info}\n${body}\n${fence}`;
}

function longestRun(text: string, character: string): number {
  let longest = 0;
  let run = 0;
  for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1)) {
    run = at > 0 && text[at - 1] === character ? run + 1 : 1;
    if (run > longest) longest = run;
  }
  return longest;
}
