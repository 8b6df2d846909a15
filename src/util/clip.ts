import { displayWidth } from "./display-width.js";
import { lazy } from "./lazy.js";

/** Columns that a text of one line takes on a terminal. */
export function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of graphemes().segment(text)) width += displayWidth(segment);
  return width;
}

/** As much of a text as fits into so many columns; what is cut ends with `…`. */
export function clip(text: string, columns: number): string {
  if (text.length <= columns && isNarrow.test(text)) return text;
  let width = 0;
  let kept = 0;
  for (const { segment, index } of graphemes().segment(text)) {
    width += displayWidth(segment);
    if (width > columns) return columns <= 0 ? "" : `${text.slice(0, kept)}…`;
    // What is kept leaves room for the sign that something was cut.
    if (width < columns) kept = index + segment.length;
  }
  return text;
}

/** To make one takes ten milliseconds. */
const graphemes = lazy(() => new Intl.Segmenter("en", { granularity: "grapheme" }));

const isNarrow = /^[ -~]*$/;
