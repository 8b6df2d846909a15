import type { EvidenceRef } from "../../model/evidence.js";
import type { ReportBlock } from "../../model/report-step.js";
import { bytes, count } from "../../util/measure.js";
import { visibleLine } from "../../util/visible.js";
import { escapeHtml } from "../html/escape.js";
import { firstWords, isScript, lineCount } from "../text/commands.js";
import { needsTerminal, terminalText } from "../text/terminal.js";
import { evidenceHref } from "../text/words.js";
import { codeCell, codeSpan, escapeText, fenced } from "./escape.js";

/** A block as Markdown, its anchor before it. What is captured stands in fences and code, never in prose. */
export function blockOf(block: ReportBlock): string {
  const anchor = anchorOf(block.anchor);
  switch (block.type) {
    case "text":
      return `${anchor}${sentences(block.text)}`;
    case "code":
      return `${anchor}${titled(block.title)}\n\n${fenced(block.text, block.language)}`;
    case "output":
      return outputOf(block);
    case "table":
      return `${anchor}${titled(block.title)}\n\n${tableOf(block.columns, block.rows, block.omitted_rows)}`;
    case "facts":
      return `${anchor}\n\n${factsOf(block.facts)}`;
    case "diff":
      return `${anchor}\n\n${fenced(block.text, "diff")}`;
    case "session": {
      const turns = block.turns.flatMap(({ input, output }) => [
        ...(input === "" ? [] : [`${block.prompt}${input}`]),
        ...linesOf(output),
      ]);
      return `${anchor}\n\n${fenced(turns.join("\n"), "text")}`;
    }
    case "stack": {
      const frames = block.frames.map(
        (frame) => `${frame.marked ? "▶" : " "} ${frame.function}\n      ${frame.file}:${frame.line}`,
      );
      const left = block.omitted_frames === 0 ? [] : [`… ${count(block.omitted_frames, "more frame")}`];
      const stack = fenced([...frames, ...left].join("\n"), "text");
      if (!block.folded) return `${anchor}${titled(block.title)}\n\n${stack}`;
      const frameCount = count(block.frames.length + block.omitted_frames, "frame");
      return `${anchor}\n\n${folded(`${block.title}, ${frameCount}`, stack)}`;
    }
    default:
      return block satisfies never;
  }
}

export const anchorOf = (anchor: string): string => `<a id="${anchor}"></a>`;

/** Words of casebook's own about what it found. */
const sentences = (text: string): string =>
  text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map(escapeText)
    .join("\\\n");

/** A command in a form to be copied; a long script behind its first line. */
export function commandOf(text: string): string {
  const command = fenced(text, "sh");
  if (!isScript(text)) return command;
  return folded(`${firstWords(text)} … ${count(lineCount(text), "line")}`, command);
}

/** Inside an HTML block nothing is Markdown. */
const folded = (summary: string, markdown: string): string =>
  `<details><summary>${escapeHtml(visibleLine(summary))}</summary>\n\n${markdown}\n\n</details>`;

const titled = (title: string | null): string => (title === null ? "" : `**${escapeText(title)}**`);

function outputOf(block: Extract<ReportBlock, { type: "output" }>): string {
  const { head, tail, omitted_bytes: omitted, evidence } = block;
  const link = evidence === null ? "" : `, ${evidenceLink(evidence)}`;
  const title = `${anchorOf(block.anchor)}**${escapeText(block.title)}**${link}`;
  if (omitted === 0) return `${title}\n\n${fenced(linesOf(head + tail).join("\n"), "text")}`;
  const whole = evidence === null ? "" : `; the whole is in ${evidenceLink(evidence)}`;
  const parts = [title, fenced(linesOf(head).join("\n"), "text"), `*… ${bytes(omitted)} left out${whole} …*`];
  if (tail !== "") parts.push(fenced(linesOf(tail).join("\n"), "text"));
  return parts.join("\n\n");
}

const linesOf = (text: string): readonly string[] =>
  needsTerminal(text) ? terminalText(text) : text.replace(/\n$/, "").split("\n");

/** A link to captured bytes, with their number; what was cut off is said. */
export function evidenceLink(evidence: EvidenceRef): string {
  const href = evidenceHref(evidence.path);
  const name = codeSpan(evidence.path);
  const cut = evidence.truncated ? `, cut: ${escapeText(evidence.why ?? "bytes were dropped")}` : "";
  return `${href === null ? name : `[${name}](${href})`} (${bytes(evidence.bytes)}${cut})`;
}

/** A table of machine's values. */
export function tableOf(columns: readonly string[], rows: readonly (readonly string[])[], omitted: number): string {
  if (columns.length === 0) return "";
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const left = omitted === 0 ? [] : ["", `*… ${count(omitted, "more row")}*`];
  return [
    line(columns.map((column) => escapeText(column) || "&#32;")),
    line(columns.map(() => "---")),
    ...rows.map((row) => line(columns.map((_, index) => codeCell(row[index] ?? "")))),
    ...left,
  ].join("\n");
}

/** Labels with values; a value of many lines is fenced below. */
export function factsOf(facts: readonly { readonly label: string; readonly value: string }[]): string {
  const short = facts.filter(({ value }) => !isLong(value));
  const long = facts.filter(({ value }) => isLong(value));
  const list = short.map(({ label, value }) => `- ${escapeText(label)}: ${codeSpan(value) || "empty"}`).join("\n");
  const fences = long.map(
    ({ label, value }) => `${escapeText(label)}:\n\n${fenced(linesOf(value).join("\n"), "text")}`,
  );
  return [list, ...fences].filter((part) => part !== "").join("\n\n");
}

const isLong = (value: string): boolean => value.length > 200 || value.trimEnd().includes("\n");
