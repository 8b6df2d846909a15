import type { Place, Position } from "../model/diagnostic.js";

/** A file's text with its line starts: turns offsets (UTF-16 units) into places. */
export interface Source {
  readonly file: string;
  /** As it is written, but that every line ends with LF or CRLF. */
  readonly text: string;
  /** The range from `start` to `end`, exclusive; both are brought inside the text. */
  place(start: number, end?: number): Place;
  /** Number of the line, from 1. */
  line(offset: number): number;
}

export function openSource(file: string, written: string): Source {
  // To YAML a lone CR ends a line as well, which its parser does not know.
  const text = written.replace(/\r(?!\n)/g, "\n");
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);

  const isOn = (index: number, offset: number): boolean =>
    index < starts.length && (starts[index] ?? 0) <= offset && offset < (starts[index + 1] ?? offset + 1);
  let latest = 0;
  const line = (offset: number): number => {
    // Who walks through a file asks for one line after the other, and for both ends of a word.
    if (isOn(latest, offset)) return latest + 1;
    if (isOn(latest + 1, offset)) return ++latest + 1;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    latest = low;
    return low + 1;
  };
  const position = (offset: number): Position => {
    const inside = Math.max(0, Math.min(offset, text.length));
    const number = line(inside);
    return { offset: inside, line: number, column: inside - (starts[number - 1] ?? 0) + 1 };
  };
  return {
    file,
    text,
    line,
    place: (start, end = start) => ({ file, start: position(start), end: position(Math.max(start, end)) }),
  };
}
