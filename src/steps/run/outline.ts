import type { JsonObject } from "../../model/json.js";
import type { Outline } from "../../model/step-kind.js";
import { quoteWords } from "../../util/shell-quote.js";

/** What will run: the shell text as written, or the list as one would type it. */
export function outline(written: JsonObject): Outline {
  const { command, shell } = written;
  if (typeof command === "string") {
    const tools = typeof shell === "string" ? [own(shell)] : [];
    return { risk: "observe", tools, commands: [command], changes: [] };
  }
  const argv = Array.isArray(command) ? command.map(String) : [];
  // A program behind a name that has no value yet cannot be looked for.
  const tools = argv
    .slice(0, 1)
    .filter((program) => !program.includes("‹"))
    .map(own);
  return { risk: "observe", tools, commands: argv.length === 0 ? [] : [quoteWords(argv)], changes: [] };
}

const own = (program: string) => ({
  any: [program],
  packages: [],
  why: "a program of the runbook's own",
  advisory: true,
});
