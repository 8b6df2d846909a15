import { StepFailure } from "../model/step-kind.js";
import type { Command } from "../model/target.js";

/** The kernel takes no longer argument, and no longer `name=value`, with its final zero (MAX_ARG_STRLEN of linux/binfmts.h). */
const longest = 128 * 1024;

/** Throws a `StepFailure` for a command that no kernel takes: a zero byte, or more bytes in one piece than it allows. */
export function checkFits({ argv, cwd, env = {} }: Command): void {
  for (const [index, argument] of argv.entries()) check(index === 0 ? "the program" : `argument ${index}`, argument);
  if (cwd !== undefined) check("the working directory", cwd);
  for (const [name, value] of Object.entries(env)) check(`the environment variable ${name}`, value, name.length + 1);
}

function check(what: string, text: string, more = 0): void {
  const remedy = "give it to the command's stdin";
  if (text.includes("\0")) {
    throw new StepFailure(`expected text without a zero byte as ${what}, found one`, { remedy });
  }
  const bytes = Buffer.byteLength(text);
  if (bytes + more + 1 > longest) {
    throw new StepFailure(`expected less than 128 KiB as ${what}, found ${bytes} bytes`, { remedy });
  }
}
