/**
 * Breaks a text at spaces so that lines stay within a width where words allow it.
 *
 * @param left stands before every line
 * @param first stands before the first line instead
 */
export function wrap(text: string, width: number, left: string, first = left): string {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(/\s+/).filter((part) => part !== "")) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = left;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line].join("\n");
}
