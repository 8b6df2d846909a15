import { escapeHtml } from "./escape.js";

/** A unified diff, line by line: signs stay, classes only add to them. */
export function diffLines(text: string): string {
  return text
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => `<span class="${classOf(line)}">${escapeHtml(line)}\n</span>`)
    .join("");
}

function classOf(line: string): string {
  if (/^(---|\+\+\+|@@)/.test(line)) return "hunk";
  if (line.startsWith("+")) return "added";
  if (line.startsWith("-")) return "removed";
  return "same";
}
