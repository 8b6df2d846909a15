import type { Argument, Command, Option } from "commander";
import { kindNames } from "../../steps/index.js";
import { wordsOf } from "../options.js";

/** What may stand in a place of the command line. */
export type Place =
  | { readonly type: "words"; readonly words: readonly string[] }
  | { readonly type: "runbook" | "case" | "folder" | "file" | "input" | "host" | "text" };

export interface CompletedOption {
  /** `-i`, or `--host`: one or both. */
  readonly flags: readonly string[];
  readonly summary: string;
  /** null: it stands alone. */
  readonly takes: Place | null;
}

export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  /** In order; `more` says that the last may be repeated. */
  readonly places: readonly Place[];
  readonly more: boolean;
  readonly options: readonly CompletedOption[];
}

/** What the program's commands, which are all defined, let a person type. */
export const completedCommands = (program: Command): readonly CompletedCommand[] =>
  program.commands.map((command) => ({
    name: command.name(),
    summary: command.summary(),
    places: command.registeredArguments.map(placeOf),
    more: command.registeredArguments.at(-1)?.variadic ?? false,
    options: [...command.options.filter(({ hidden }) => !hidden).map(completedOption), help],
  }));

const help: CompletedOption = { flags: ["-h", "--help"], summary: "show help", takes: null };

const completedOption = (option: Option): CompletedOption => ({
  flags: [option.short, option.long].filter((flag) => flag !== undefined),
  summary: option.description,
  takes: option.required || option.optional ? placeFor(/<(.+)>/.exec(option.flags)?.[1] ?? "", option.parseArg) : null,
});

const placeOf = (argument: Argument): Place => placeFor(argument.name(), argument.parseArg);

/** By what the placeholder is called: `<file>`, `<case>`. */
function placeFor(name: string, parse: unknown): Place {
  const words = wordsOf(parse);
  if (words !== null) return { type: "words", words };
  if (name === "kind") return { type: "words", words: kindNames };
  if (name === "runbook") return { type: "runbook" };
  if (name.startsWith("case")) return { type: "case" };
  if (name === "dir") return { type: "folder" };
  if (name === "name=value") return { type: "input" };
  if (name === "url") return { type: "host" };
  return { type: name === "file" ? "file" : "text" };
}
