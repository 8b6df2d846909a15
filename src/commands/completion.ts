import { type Command, Option } from "commander";
import { bashCompletion } from "./completion/bash.js";
import { fishCompletion } from "./completion/fish.js";
import { namesFor } from "./completion/names.js";
import { type CompletedCommand, completedCommands } from "./completion/words.js";
import { zshCompletion } from "./completion/zsh.js";
import { exitCode } from "./exit-code.js";
import type { Io } from "./io.js";
import { oneOf } from "./options.js";

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const satisfies Readonly<
  Record<string, (commands: readonly CompletedCommand[]) => string>
>;

type Shell = keyof typeof scripts;

const shells: readonly Shell[] = ["bash", "zsh", "fish"];

export function define(command: Command): void {
  command
    .argument("<shell>", "bash, zsh or fish", oneOf(shells))
    // What the scripts ask for while somebody types.
    .addOption(new Option("--list <what>").hideHelp())
    .addHelpText(
      "after",
      "\nTo have it in each shell, put into its start-up file:\n" +
        "  bash, zsh  source <(casebook completion bash)   (or zsh)\n" +
        "  fish       casebook completion fish | source",
    );
}

/** Prints a script by which a shell completes casebook's commands, options and what they take. */
export async function execute(
  io: Io,
  shell: Shell,
  { list }: { readonly list?: string },
  command: Command,
): Promise<number> {
  if (list !== undefined) {
    io.stdout.write((await namesFor(io, list)).map((name) => `${name}\n`).join(""));
    return exitCode.ok;
  }
  if (command.parent === null) throw new Error("a command belongs to the program");
  io.stdout.write(scripts[shell](completedCommands(command.parent)));
  return exitCode.ok;
}
