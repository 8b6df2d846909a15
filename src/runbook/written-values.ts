/** A value as the author meant it to reach, whatever YAML makes of it. Offsets in the line. */
export interface WrittenValue {
  readonly start: number;
  readonly end: number;
  /** It begins with a quote. */
  readonly quoted: boolean;
}

/**
 * The values of one line, block or flow, as far as a line alone shows them. For messages about lines that YAML reads as
 * something else; so brackets within a value belong to it.
 */
export function valuesOf(line: string): readonly WrittenValue[] {
  const start = skip(line, 0, /(?:\s*(?:[-?]\s+)*(?:"[^"]*"|'[^']*'|(?![-?]\s)[^\s#:'"[\]{},][^:#]*?)\s*:(?=\s))?\s*/y);
  const first = skip(line, start, /(?:[-?]\s+)*/y);
  if (opensFlow(line, first)) return flowValues(line, first);
  const end = blockEnd(line, first);
  return end > first ? [written(line, first, end)] : [];
}

const skip = (line: string, from: number, pattern: RegExp): number => {
  pattern.lastIndex = from;
  return from + (pattern.exec(line)?.[0].length ?? 0);
};

const opensFlow = (line: string, at: number): boolean => line[at] === "[" || (line[at] === "{" && line[at + 1] !== "{");

const written = (line: string, start: number, end: number): WrittenValue => ({
  start,
  end: start + line.slice(start, end).trimEnd().length,
  quoted: line[start] === '"' || line[start] === "'",
});

function flowValues(line: string, from: number): readonly WrittenValue[] {
  const values: WrittenValue[] = [];
  let depth = 0;
  for (let at = from; at < line.length; ) {
    const character = line[at] ?? "";
    if (opensFlow(line, at)) {
      depth++;
      at++;
    } else if (character === "]" || character === "}") {
      depth--;
      at++;
      if (depth <= 0) break;
    } else if (character === "," || /\s/.test(character)) at++;
    else {
      const key = skip(line, at, /(?:"[^"]*"|'[^']*'|[^\s,:[\]{}]+)\s*:(?=\s)\s*/y);
      if (key > at) at = key;
      if (key > at || opensFlow(line, at)) continue;
      const end = flowEnd(line, at);
      if (end > at) values.push(written(line, at, end));
      at = Math.max(end, at + 1);
    }
  }
  return values;
}

/** Where the value ends: at a comma or a bracket that closes what it did not open. */
function flowEnd(line: string, start: number): number {
  let depth = 0;
  for (let at = start; at < line.length; at++) {
    const character = line[at] ?? "";
    if (character === '"' || character === "'") {
      const close = line.indexOf(character, at + 1);
      if (close !== -1) at = close;
    } else if ("([{".includes(character)) depth++;
    else if (")]}".includes(character)) {
      if (depth === 0) return at;
      depth--;
    } else if (depth === 0 && (character === "," || startsComment(line, at))) return at;
  }
  return line.length;
}

/** Where the value ends: before a comment, or with the line. */
function blockEnd(line: string, start: number): number {
  for (let at = start; at < line.length; at++) if (startsComment(line, at)) return at;
  return line.trimEnd().length;
}

const startsComment = (line: string, at: number): boolean => line[at] === "#" && /\s/.test(line[at - 1] ?? " ");
