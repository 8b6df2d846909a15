import type { ReportCommand } from "../../model/report-step.js";
import { count, duration } from "../../util/measure.js";

/** A command as it ran once or several times on end. */
export interface RepeatedCommand {
  readonly text: string;
  readonly host: string;
  readonly user: string | null;
  readonly runs: readonly ReportCommand[];
}

/** The commands of a step in order; one that follows itself, as under `retry`, stands once. */
export function repeatedCommands(commands: readonly ReportCommand[]): readonly RepeatedCommand[] {
  const found: (RepeatedCommand & { readonly runs: ReportCommand[] })[] = [];
  for (const command of commands) {
    const { text, host, user } = command;
    const last = found.at(-1);
    if (last !== undefined && last.text === text && last.host === host && last.user === user) last.runs.push(command);
    else found.push({ text, host, user, runs: [command] });
  }
  return found;
}

/** Of more runs than this the middle is left out. */
const mostRuns = 8;

/** How a command ended, each time: `exit 0 after 12 ms`, `3 times: exit 1 after 6 ms, exit 1 after 7 ms, exit 0 after 8 ms`. */
export function endedWords({ runs }: RepeatedCommand): string {
  const each = runs.map(
    ({ exit, milliseconds }) => `${exitWords(exit)}${milliseconds === null ? "" : ` after ${duration(milliseconds)}`}`,
  );
  if (each.length === 1) return each[0] ?? "";
  const left = each.length - mostRuns;
  const told = left <= 0 ? each : [...each.slice(0, mostRuns - 2), `… ${left} more …`, ...each.slice(-2)];
  return `${count(each.length, "time")}: ${told.join(", ")}`;
}

export const wasCut = ({ runs }: RepeatedCommand): boolean => runs.some(({ truncated }) => truncated);

/** A command of more lines than this is folded: it is a script of casebook's own more often than of the author's. */
const longestScript = 8;

export const lineCount = (text: string): number => text.trimEnd().split("\n").length;

export const isScript = (text: string): boolean => lineCount(text) > longestScript;

/** What a folded script is known by: its first line, and where that only opens a quote the next one too. */
export function firstWords(text: string): string {
  const [first = "", second = ""] = text.split("\n").filter((line) => line.trim() !== "");
  return first.endsWith(" '") ? `${first}${second.trim()}` : first;
}

/** `exit 0`, `SIGTERM`, `no end`. */
function exitWords(exit: { readonly code: number | null; readonly signal: string | null } | null): string {
  if (exit === null) return "no end in the journal";
  return exit.signal === null ? `exit ${exit.code ?? "unknown"}` : exit.signal;
}
