import { Command, CommanderError } from "commander";
import { visible } from "../util/visible.js";
import { version } from "../version.js";
import { exitCode } from "./exit-code.js";
import type { Io } from "./io.js";
import { UsageError } from "./usage-error.js";

/** What a command's file exports. */
interface CommandModule {
  /** Adds the arguments and options. */
  define(command: Command): void;
  /** Does the work; takes the arguments in order, then the options and the command itself, gives the exit code. */
  execute(io: Io, ...parsed: never[]): Promise<number>;
}

interface Entry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
}

const entries: readonly Entry[] = [
  { name: "run", summary: "run a runbook and write its report", load: () => import("./run.js") },
  {
    name: "plan",
    summary: "what would run, where, with which risk, and how it is undone",
    load: () => import("./plan.js"),
  },
  { name: "check", summary: "all mistakes of runbooks, with code frames", load: () => import("./check.js") },
  {
    name: "doctor",
    summary: "which tools, versions and rights a host has; each lack with its remedy",
    load: () => import("./doctor.js"),
  },
  { name: "report", summary: "render a case again from its journal", load: () => import("./report.js") },
  {
    name: "restore",
    summary: "finish putting back what a crashed run had changed",
    load: () => import("./restore.js"),
  },
  { name: "verify", summary: "whether a case is as it was written", load: () => import("./verify.js") },
  {
    name: "rerun",
    summary: "run steps of a case again, and take the others from it",
    load: () => import("./rerun.js"),
  },
  {
    name: "watch",
    summary: "whenever a runbook is saved, run what changed and what depends on it",
    load: () => import("./watch.js"),
  },
  { name: "diff", summary: "what differs between two runs of one runbook", load: () => import("./diff.js") },
  { name: "test", summary: "replay recorded cases and compare what they come to", load: () => import("./test.js") },
  { name: "list", summary: "runbooks of a folder, with title, inputs and risk", load: () => import("./list.js") },
  { name: "kinds", summary: "step kinds, their fields and an example", load: () => import("./kinds.js") },
  { name: "new", summary: "write a commented runbook to start from", load: () => import("./new.js") },
  { name: "schema", summary: "the JSON Schema of a runbook", load: () => import("./schema.js") },
  {
    name: "completion",
    summary: "a script by which bash, zsh or fish completes what one types",
    load: () => import("./completion.js"),
  },
];

/** Runs the command that `io.args` name and gives the exit code. Loads that command's module only. Throws on a bug. */
export async function execute(io: Io): Promise<number> {
  const program = new Command("casebook")
    .description("Runbooks that investigate a live system, put back what they changed, and report.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand("help [command]", "show help for a command")
    .showHelpAfterError("(casebook --help shows what there is)")
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(visible(text)) })
    .exitOverride();
  let code: number = exitCode.ok;
  const named = io.args[0] === "help" ? io.args[1] : io.args[0];
  for (const { name, summary, load } of entries) {
    const command = program.command(name).summary(summary).description(capital(summary)).copyInheritedSettings(program);
    command.showHelpAfterError(`(casebook ${name} --help shows how to use it)`);
    // Only what completes commands has to know them all.
    if (name !== named && named !== "completion") continue;
    const loaded = await load();
    loaded.define(command);
    command.action(async (...parsed: unknown[]) => {
      code = await loaded.execute(io, ...(parsed as never[])); // as `define` has declared them
    });
  }
  try {
    await program.parseAsync(io.args, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.usage;
    if (!(error instanceof UsageError)) throw error;
    io.stderr.write(`${error.frames}casebook: ${visible(error.message)}\n`);
    return exitCode.usage;
  }
}

const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
