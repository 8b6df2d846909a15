import { Scalar } from "yaml";
import type { Place } from "../model/diagnostic.js";
import type { Source } from "./source.js";

/** A text of the runbook that knows where its parts stand in the file. */
export interface Located {
  readonly text: string;
  /** Where `text.slice(start, end)` stands; without arguments, the whole. */
  place(start?: number, end?: number): Place;
}

/** A text that was put together, or cannot be followed into the file: every part of it stands at `place`. */
export function locatedAt(text: string, place: Place): Located {
  return { text, place: () => place };
}

/** The text of a scalar; a plain one counts as written. Escapes, folding and indentation are followed back into the file. */
export function locateScalar(node: Scalar, source: Source): Located {
  const text = scalarText(node);
  const [from, to] = scalarRange(node);
  let offsets: Int32Array | null = null;
  return {
    text,
    place(start = 0, end) {
      if (start === 0 && end === undefined) return source.place(from, to);
      offsets ??= followText(node, text, source.text.slice(from, to));
      const first = Math.min(start, text.length);
      const last = Math.min(end ?? text.length, text.length);
      const begin = offsets[first] ?? 0;
      return source.place(from + begin, from + (last > first ? (offsets[last - 1] ?? 0) + 1 : begin));
    },
  };
}

/** A scalar's text: of a plain one what is written, of a quoted or block one what it stands for. */
export function scalarText(node: Scalar): string {
  return typeof node.value === "string" ? node.value : (node.source ?? "");
}

function scalarRange(node: Scalar): readonly [number, number] {
  const range = node.range ?? [0, 0, 0];
  return [range[0], range[1]];
}

/** Offset in `written` for each character of `text`, and one more for its end. */
function followText(node: Scalar, text: string, written: string): Int32Array {
  const block = node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED;
  const offsets = new Int32Array(text.length + 1);
  const end = block ? followBlock(text, written, offsets) : followFlow(node, text, written, offsets);
  offsets[text.length] = Math.min(end, written.length);
  return offsets;
}

/** Folding and indentation change the amount of white space in a block, never what stands between. */
function followBlock(text: string, written: string, offsets: Int32Array): number {
  let at = written.indexOf("\n") + 1;
  for (let index = 0; index < text.length; ) {
    const gap = runOf(/\s*/y, written, at);
    const length = runOf(/\s*/y, text, index);
    for (let inner = 0; inner < length; inner++) offsets[index + inner] = at + Math.min(inner, gap);
    at += gap;
    index += length;
    if (index < text.length) offsets[index++] = at++;
  }
  return at;
}

/** A line's end is a space in a flow scalar, further ones are line feeds; the white space around them is nothing. */
function followFlow(node: Scalar, text: string, written: string, offsets: Int32Array): number {
  const doubleQuoted = node.type === Scalar.QUOTE_DOUBLE;
  const singleQuoted = node.type === Scalar.QUOTE_SINGLE;
  let at = doubleQuoted || singleQuoted ? 1 : 0;
  for (let index = 0; index < text.length; ) {
    const fold = runOf(/[ \t]*(?:\r?\n[ \t]*)+/y, written, at);
    if (fold > 0) {
      const lineEnds = written.slice(at, at + fold).split("\n").length - 1;
      for (let count = Math.max(1, lineEnds - 1); count > 0 && index < text.length; count--) offsets[index++] = at;
      at += fold;
    } else if (doubleQuoted && written[at] === "\\") {
      const length = runOf(/\\(?:x.{2}|u.{4}|U.{8}|\r?\n(?:[ \t]*\r?\n)*[ \t]*|.)/sy, written, at);
      const lineEnds = written.slice(at, at + length).split("\n").length - 1;
      const astral = written[at + 1] === "U" && (text.codePointAt(index) ?? 0) > 0xffff;
      // An escaped line's end is nothing, empty lines after it are line feeds.
      const units = lineEnds > 0 ? lineEnds - 1 : astral ? 2 : 1;
      for (let count = units; count > 0 && index < text.length; count--) offsets[index++] = at;
      at += Math.max(length, 1);
    } else {
      offsets[index++] = at;
      at += singleQuoted && written.startsWith("''", at) ? 2 : 1;
    }
  }
  return at;
}

function runOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(text)?.[0].length ?? 0;
}
