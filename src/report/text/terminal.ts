import { visible } from "../../util/visible.js";
import { plainStyle, type Style, select } from "./sgr.js";

/** A stretch of one line in one style. Nothing in `text` is hidden any more. */
export interface Run {
  readonly text: string;
  readonly style: Style;
}

export interface TerminalLine {
  readonly runs: readonly Run[];
  /** How often a carriage return began the line anew over what stood there. */
  readonly overwritten: number;
}

/** Whether a text holds anything that a terminal would not print as it stands. */
export const needsTerminal = (text: string): boolean => needed.test(text);

const needed = /[^\P{Cc}\n\t]/u;

/**
 * A captured text as a terminal would show it: colours as styles, progress bars that are drawn again and again collapsed, hyperlinks as
 * their text. Sequences that print nothing (modes, titles, character sets) are dropped; any other, and any that is cut, is shown.
 * A state machine after ECMA-48 and https://vt100.net/emu/dec_ansi_parser.
 */
export function terminalLines(text: string): readonly TerminalLine[] {
  const screen = new Screen();
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (code === 0x1b) {
      const end = sequenceEnd(text, at);
      if (!apply(text.slice(at, end), screen)) screen.print(visible(text.slice(at, end)));
      at = end;
    } else if (code === 0x0a) {
      screen.newline();
      at++;
    } else if (code === 0x0d) {
      screen.carriageReturn();
      at++;
    } else if (code === 0x08) {
      screen.backspace();
      at++;
    } else {
      const end = printableEnd(text, at);
      screen.print(visible(text.slice(at, end)));
      at = end;
    }
  }
  return screen.finish();
}

/** Without styles, one text a line. */
export const terminalText = (text: string): readonly string[] =>
  terminalLines(text).map(({ runs, overwritten }) => runs.map((run) => run.text).join("") + redrawn(overwritten));

/** Says that earlier states of a line are not shown. */
export const redrawn = (times: number): string => (times === 0 ? "" : ` ⟲${times}`);

const controls = new Set([0x1b, 0x0a, 0x0d, 0x08]);

function printableEnd(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && !controls.has(text.charCodeAt(end))) end++;
  return end;
}

/** Where the escape sequence at `start` ends; a sequence that is cut or broken ends before what does not belong to it. */
function sequenceEnd(text: string, start: number): number {
  const kind = text[start + 1];
  let at = start + 2;
  if (kind === "[") {
    while (between(text, at, 0x30, 0x3f)) at++;
    while (between(text, at, 0x20, 0x2f)) at++;
    return between(text, at, 0x40, 0x7e) ? at + 1 : at;
  }
  if (kind !== undefined && "]PX^_".includes(kind)) {
    const longest = Math.min(text.length, start + longestString);
    for (; at < longest; at++) {
      const code = text.charCodeAt(at);
      if (code === 0x07 && kind === "]") return at + 1;
      if (code === 0x1b) return text[at + 1] === "\\" ? at + 2 : start + 2;
      if (code === 0x18 || code === 0x1a || code === 0x0a) return start + 2;
    }
    return start + 2;
  }
  at = start + 1;
  while (between(text, at, 0x20, 0x2f)) at++;
  return between(text, at, 0x30, 0x7e) ? at + 1 : at;
}

/** A string sequence longer than this hides more than it says: it is shown. */
const longestString = 4096;

const between = (text: string, at: number, low: number, high: number): boolean => {
  const code = text.charCodeAt(at);
  return code >= low && code <= high;
};

/** false when the sequence has to be shown. */
function apply(sequence: string, screen: Screen): boolean {
  if (sequence.startsWith("\u001b[")) {
    const final = sequence.at(-1);
    const parameters = sequence.slice(2, -1);
    if (final === "m" && /^[\d;:]*$/.test(parameters)) screen.style = select(screen.style, parameters);
    else if (final === "K" && /^[0-2]?$/.test(parameters)) screen.erase(parameters);
    else return /^\?[\d;]+$/.test(parameters) && (final === "h" || final === "l");
    return true;
  }
  const after = sequence.slice(1);
  if (after.startsWith("]")) return /^\](8;|[0127];)/.test(after) && endsString(after);
  return /^([()*+][0-9A-Za-z]|[=>78])$/.test(after);
}

/** A string that was found whole ends with BEL or ESC \\. */
const endsString = (after: string): boolean => after.endsWith("\u0007") || after.endsWith("\\");

/** The line that is being printed, with a cursor; lines above it never change again. */
class Screen {
  style: Style = plainStyle;
  readonly #lines: TerminalLine[] = [];
  #characters: string[] = [];
  #styles: Style[] = [];
  #column = 0;
  #overwritten = 0;
  #returned = false;

  print(text: string): void {
    for (const character of text) {
      if (this.#returned && this.#characters.length > 0) this.#overwritten++;
      this.#returned = false;
      this.#characters[this.#column] = character;
      this.#styles[this.#column] = this.style;
      this.#column++;
    }
  }

  carriageReturn(): void {
    this.#column = 0;
    this.#returned = true;
  }

  backspace(): void {
    if (this.#column > 0) this.#column--;
  }

  erase(what: string): void {
    if (what === "1") {
      for (let at = 0; at <= this.#column && at < this.#characters.length; at++) this.#characters[at] = " ";
      return;
    }
    const from = what === "2" ? 0 : this.#column;
    if (this.#returned && from === 0 && this.#characters.length > 0) this.#overwritten++;
    this.#characters.length = Math.min(this.#characters.length, from);
    this.#styles.length = this.#characters.length;
    // After erasing a whole line the cursor stands where it stood.
    for (let at = this.#characters.length; at < this.#column; at++) {
      this.#characters.push(" ");
      this.#styles.push(plainStyle);
    }
  }

  newline(): void {
    const runs: Run[] = [];
    let start = 0;
    for (let at = 1; at <= this.#characters.length; at++) {
      const style = this.#styles[start] ?? plainStyle;
      if (at < this.#characters.length && this.#styles[at] === style) continue;
      runs.push({ text: this.#characters.slice(start, at).join(""), style });
      start = at;
    }
    this.#lines.push({ runs, overwritten: this.#overwritten });
    this.#characters = [];
    this.#styles = [];
    this.#column = 0;
    this.#overwritten = 0;
    this.#returned = false;
  }

  finish(): readonly TerminalLine[] {
    if (this.#characters.length > 0 || this.#overwritten > 0) this.newline();
    return this.#lines;
  }
}
