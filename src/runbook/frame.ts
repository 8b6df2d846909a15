import type { Diagnostic } from "../model/diagnostic.js";
import { displayWidth } from "../util/display-width.js";
import { visible } from "../util/visible.js";

/** Columns of source text that a frame shows; longer lines are cut to a window around the range. */
const windowWidth = 100;

/**
 * A diagnostic as people read it: place and message, the line with the range underlined, the hint. `text` is the file that the
 * place refers to. Of a range over several lines the first is shown. Whatever the file holds, the frame holds no
 * control character but line ends and, with `color`, its own.
 *
 * ```
 * port.yaml:7:5: error: unknown kind "sokets" [unknown-kind]
 *   |
 * 7 |   - sokets: { pid: 1 }
 *   |     ^^^^^^
 *   = did you mean "sockets"?
 * ```
 */
export function frame(diagnostic: Diagnostic, text: string, options: { readonly color: boolean }): string {
  const paint = options.color ? painted : unpainted;
  const { place, severity, code } = diagnostic;
  const strong = severity === "error" ? paint.error : paint.warning;
  const at =
    place === undefined ? "" : `${paint.place(`${visible(place.file)}:${place.start.line}:${place.start.column}:`)} `;
  const head = `${at}${strong(`${severity}:`)} ${visible(diagnostic.message)} ${paint.dim(`[${code}]`)}`;
  const hint = diagnostic.hint === undefined ? [] : [visible(diagnostic.hint)];
  if (place === undefined) return [head, ...hint.map((line) => `  ${paint.dim("=")} ${line}`)].join("\n");

  const lineStart = place.start.offset - (place.start.column - 1);
  const [line = ""] = text.slice(lineStart).split(/[\r\n]/, 1);
  const start = Math.min(place.start.column - 1, line.length);
  const end = place.end.line > place.start.line ? line.trimEnd().length : Math.min(place.end.column - 1, line.length);
  const { shown, before, under } = underline(line, start, Math.max(start, end));
  const number = String(place.start.line);
  const margin = " ".repeat(number.length);
  const bar = paint.dim("|");
  return [
    head,
    `${margin} ${bar}`,
    `${paint.dim(number)} ${bar} ${shown}`.trimEnd(),
    `${margin} ${bar} ${" ".repeat(before)}${strong("^".repeat(under))}`,
    ...hint.map((more) => `${margin} ${paint.dim("=")} ${more}`),
  ].join("\n");
}

const painting = (codes: string) => (text: string) => `\u001b[${codes}m${text}\u001b[0m`;

const painted = { error: painting("1;31"), warning: painting("1;33"), place: painting("1"), dim: painting("2") };

const plain = (text: string): string => text;

const unpainted = { error: plain, warning: plain, place: plain, dim: plain };

interface Cell {
  readonly shown: string;
  readonly width: number;
  /** Offset in the line, UTF-16. */
  readonly at: number;
  readonly length: number;
}

/** The line as a terminal shows it, with the columns to the left of the range and under it. */
function underline(line: string, start: number, end: number) {
  // Far from the range nothing is shown, so nothing is measured: a line may be megabytes long.
  const from = Math.max(0, start - windowWidth * 4);
  const cells = cellsOf(line.slice(from, start + windowWidth * 4), from);
  const inRange = (cell: Cell) => cell.at + cell.length > start && (cell.at < end || cell.at === start);
  const first = Math.max(0, cells.findIndex(inRange));
  const whole = from === 0 && cells.length > 0 && (cells.at(-1)?.at ?? 0) + (cells.at(-1)?.length ?? 0) === line.length;
  const total = cells.reduce((sum, cell) => sum + cell.width, 0);
  const visibleCells =
    whole && total <= windowWidth ? { cells, cutLeft: false, cutRight: false } : around(cells, first, line);
  const ellipsis = visibleCells.cutLeft ? 1 : 0;
  let before = ellipsis;
  let under = 0;
  for (const cell of visibleCells.cells) {
    if (inRange(cell)) under += cell.width;
    else if (cell.at < start) before += cell.width;
  }
  const text = visibleCells.cells.map((cell) => cell.shown).join("");
  return {
    shown: `${visibleCells.cutLeft ? "…" : ""}${text}${visibleCells.cutRight ? "…" : ""}`,
    before,
    under: Math.max(1, under),
  };
}

/** The cells that fit the window, a third of it before the range. */
function around(cells: readonly Cell[], first: number, line: string) {
  let left = first;
  for (let room = windowWidth / 3; left > 0 && room > 0; left--) room -= cells[left - 1]?.width ?? 1;
  let right = left;
  for (let room = windowWidth; right < cells.length && room > 0; right++) room -= cells[right]?.width ?? 1;
  const shown = cells.slice(left, right);
  const last = shown.at(-1);
  return {
    cells: shown,
    cutLeft: (shown[0]?.at ?? 0) > 0,
    cutRight: last !== undefined && last.at + last.length < line.length,
  };
}

function cellsOf(text: string, from: number): readonly Cell[] {
  const segments = new Intl.Segmenter("en", { granularity: "grapheme" }).segment(text);
  return [...segments].map(({ segment, index }): Cell => {
    const at = from + index;
    if (segment === "\t") return { shown: "    ", width: 4, at, length: 1 };
    const shown = visible(segment);
    const width = shown === segment ? displayWidth(segment) : [...shown].length;
    return { shown, width, at, length: segment.length };
  });
}
