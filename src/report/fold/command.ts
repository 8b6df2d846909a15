import type { ReportCommand } from "../../model/report-step.js";
import { quoteWord, quoteWords } from "../../util/shell-quote.js";
import type { Execution } from "./collect.js";

/**
 * A command as it was executed and as one would type it.
 *
 * @param home where the host's commands run that name no other folder
 */
export function commandOf({ started, finished }: Execution["commands"][number], home: string | null): ReportCommand {
  const { argv, env, host, user } = started;
  const cwd = started.cwd === home ? null : started.cwd;
  return {
    text: typed(argv, cwd, env),
    argv,
    cwd,
    env,
    host,
    user,
    exit: finished?.exit ?? null,
    milliseconds: finished?.milliseconds ?? null,
    truncated: finished?.truncated ?? false,
  };
}

/** Lines for a shell: the directory, the added environment, then the command; a shell text stands as it was written. */
function typed(argv: readonly string[], cwd: string | null, env: Readonly<Record<string, string>>): string {
  const [shell, option, text] = argv;
  const isShellText = argv.length === 3 && option === "-c" && (shell === "/bin/sh" || shell === "sh");
  const before = [
    ...(cwd === null ? [] : [`cd ${quoteWord(cwd)}`]),
    ...Object.entries(env).map(([name, value]) => `export ${name}=${quoteWord(value)}`),
  ];
  // Scripts of casebook's own begin with a line break.
  return [...before, isShellText ? (text ?? "").replace(/^\n+/, "") : quoteWords(argv)].join("\n");
}
