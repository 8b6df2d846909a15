/** A call's text taken apart: its arguments, and where the text goes on behind the closing parenthesis. */
export interface Arguments {
  readonly args: readonly string[];
  /** Index behind `)`, or null when the list is not closed: a call that was still under way. */
  readonly end: number | null;
}

const open = new Set(["(", "[", "{"]);
const close = new Set([")", "]", "}"]);

/**
 * Splits the arguments of a call as strace prints them at top-level commas. Nested structures, arrays, quoted strings,
 * comments and the decoration of descriptors (`3<TCP:[127.0.0.1:80->127.0.0.1:4312]>`) are left whole.
 * @param from index behind the opening parenthesis
 */
export function splitArguments(text: string, from: number): Arguments {
  const args: string[] = [];
  let begin = from;
  let depth = 0;
  const take = (end: number): void => {
    const arg = text.slice(begin, end).trim();
    if (arg !== "") args.push(arg);
  };
  for (let index = from; index < text.length; index++) {
    const character = text[index] ?? "";
    if (character === '"') index = endOfString(text, index);
    else if (character === "<" && isDecoration(text, index)) index = endOfDecoration(text, index);
    else if (character === "/" && text[index + 1] === "*") index = endOfComment(text, index);
    else if (open.has(character)) depth++;
    else if (close.has(character)) {
      if (depth === 0) {
        take(index);
        return { args, end: index + 1 };
      }
      depth--;
    } else if (character === "," && depth === 0) {
      take(index);
      begin = index + 1;
    }
  }
  take(text.length);
  return { args, end: null };
}

/** Index of the closing quote; strace escapes quotes and backslashes inside. The text's end if it is cut. */
function endOfString(text: string, from: number): number {
  let index = from + 1;
  while (index < text.length && text[index] !== '"') index += text[index] === "\\" ? 2 : 1;
  return index;
}

/** The text's last character when the comment is not closed. */
function endOfComment(text: string, from: number): number {
  const end = text.indexOf("*/", from + 2);
  return end === -1 ? text.length : end + 1;
}

/** `<` behind a descriptor's number or AT_FDCWD, and not a shift: `1<<CAP_CHOWN`. Also `<... resuming interrupted read ...>`. */
function isDecoration(text: string, at: number): boolean {
  if (text.startsWith("<... ", at)) return true;
  if (text[at + 1] === "<" || text[at - 1] === "<") return false;
  const before = text[at - 1] ?? "";
  return (before >= "0" && before <= "9") || text.startsWith("AT_FDCWD", at - 8);
}

/**
 * Index of the closing `>`. Paths have `<` and `>` escaped in octal, but a device stands in brackets of its own
 * (`</dev/null<char 1:3>>`), a connection has an arrow, and a socket's path is quoted.
 */
function endOfDecoration(text: string, from: number): number {
  let depth = 1;
  let index = from + 1;
  for (; index < text.length; index++) {
    const character = text[index];
    if (character === "\\") index++;
    else if (character === '"') index = endOfString(text, index);
    else if (character === "<") depth++;
    else if (character === ">" && text[index - 1] !== "-" && --depth === 0) return index;
  }
  return index;
}
