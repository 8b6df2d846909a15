import { quote } from "./quote.js";

/**
 * What a shell on the host is started with. It takes one line from its input and does what that says: so whatever is to be done
 * comes on the input, where no process list shows it, and what follows the line is left for others to read.
 */
export const bootstrap = 'IFS= read -r _cb && eval "$_cb"';

/** The same once more, in bash where the host has it: in one that takes no functions and no start-up file from the environment. */
export const inBashIfThere = `bash -p -c : 2>/dev/null && exec bash -p -c '${bootstrap}'; ${bootstrap}`;

/** A program of several lines as one line that does the same. */
export function oneLine(program: string): string {
  if (!program.includes("\n")) return `${program}\n`;
  const escaped = program.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  return `eval "$(printf %b ${quote(escaped)})"\n`;
}

/** A call of a shell function, on one line. */
export const call = (name: string, ...values: readonly string[]): string =>
  values.some((value) => value.includes("\n"))
    ? oneLine([name, ...values.map(quote)].join(" "))
    : `${[name, ...values.map(quote)].join(" ")}\n`;
