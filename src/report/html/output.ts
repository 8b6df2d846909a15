import type { ReportBlock } from "../../model/report-step.js";
import { bytes, count } from "../../util/measure.js";
import { needsTerminal, redrawn, type TerminalLine, terminalLines } from "../text/terminal.js";
import { evidenceHref } from "../text/words.js";
import { escapeHtml } from "./escape.js";

type Output = Extract<ReportBlock, { type: "output" }>;

/** Lines shown at once; the rest of what is inline opens on demand. */
const shownFirst = 16;
const shownLast = 6;
/** An output of this many lines is not worth folding. */
const foldFrom = 28;

/** A captured stream: beginning and end as numbered lines with an anchor each, and where the whole is. */
export function outputOf(block: Output, names: { readonly label: string }): string {
  const head = numbered(block.head, block.anchor, 1);
  const tail = block.tail === "" ? [] : numbered(block.tail, block.anchor, -1);
  const label = escapeHtml(names.label);
  const cut = block.omitted_bytes === 0 ? "" : cutOf(block);
  const pre = (lines: readonly string[]): string =>
    lines.length === 0
      ? ""
      : `<pre class="lines" tabindex="0" role="group" aria-label="${label}">${lines.join("")}</pre>`;
  const figure = (inner: string): string =>
    `<figure class="output" id="${block.anchor}">${captionOf(block, head.length + tail.length)}${inner}</figure>`;
  if (head.length + tail.length < foldFrom) return figure(pre(head) + cut + pre(tail));
  const isCut = cut !== "";
  const last = isCut ? tail.slice(-shownLast) : [];
  const middleHead = head.slice(shownFirst);
  const middleTail = tail.slice(0, tail.length - last.length);
  const more = count(middleHead.length + middleTail.length, "more line");
  const middle = pre(middleHead) + cut + pre(middleTail);
  return figure(
    `${pre(head.slice(0, shownFirst))}<details class="more"><summary>${more}${isCut ? ` and ${bytes(block.omitted_bytes)} left out` : ""}</summary>${middle}</details>${pre(last)}`,
  );
}

/** Lines that a step kind lists, with anchors like those of a stream. */
export function linesOf(
  { anchor, title, text }: Extract<ReportBlock, { type: "code" }>,
  names: { readonly label: string },
): string {
  const whole = {
    anchor,
    type: "output",
    title: title ?? "lines",
    head: text,
    tail: "",
    omitted_bytes: 0,
    evidence: null,
  } as const;
  return outputOf(whole, names);
}

function captionOf({ title, evidence, omitted_bytes }: Output, lines: number): string {
  const size = omitted_bytes === 0 ? count(lines, "line") : `${count(lines, "line")} shown`;
  const link = evidence === null ? "" : ` · ${evidenceLink(evidence.path)} (${bytes(evidence.bytes)})`;
  const cut = evidence?.truncated === true ? ` · cut off: ${escapeHtml(evidence.why ?? "bytes were dropped")}` : "";
  return `<figcaption><b>${escapeHtml(title)}</b> · ${size}${link}${cut}</figcaption>`;
}

function cutOf({ omitted_bytes, evidence }: Output): string {
  const whole = evidence === null ? "" : `; the whole is in ${evidenceLink(evidence.path)}`;
  return `<p class="cut">… ${bytes(omitted_bytes)} left out${whole} …</p>`;
}

/** A link to a captured file, or its name when the path leads elsewhere. */
export function evidenceLink(path: string, shown = path): string {
  const href = evidenceHref(path);
  const name = `<code>${escapeHtml(shown)}</code>`;
  return href === null ? name : `<a href="${href}">${name}</a>`;
}

/** @param from 1: numbered from the beginning; -1: from the end, since nobody counted what was left out */
function numbered(text: string, anchor: string, from: 1 | -1): readonly string[] {
  const lines = needsTerminal(text) ? terminalLines(text).map(lineOf) : plainLines(text);
  return lines.map((line, index) => {
    if (from === 1) return `<span id="${anchor}-L${index + 1}" data-n="${index + 1}">${line}\n</span>`;
    const fromEnd = lines.length - index;
    return `<span id="${anchor}-L-${fromEnd}" data-n="−${fromEnd}">${line}\n</span>`;
  });
}

const plainLines = (text: string): readonly string[] =>
  text === "" ? [] : escapeHtml(text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");

/** A captured text of a few lines without anchors. */
export const capturedText = (text: string): string =>
  needsTerminal(text) ? terminalLines(text).map(lineOf).join("\n") : plainLines(text).join("\n");

function lineOf({ runs, overwritten }: TerminalLine): string {
  const text = runs
    .map((run) =>
      run.style === "" ? escapeHtml(run.text) : `<span class="${run.style}">${escapeHtml(run.text)}</span>`,
    )
    .join("");
  return overwritten === 0 ? text : `${text}<span class="redrawn">${redrawn(overwritten)}</span>`;
}
