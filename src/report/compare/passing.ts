import { isJsonObject, type Json } from "../../model/json.js";
import type { Report } from "../../model/report.js";
import type { SavedValue } from "../../model/report-step.js";
import { walk } from "../fold/timeline.js";

/** Names of fields, columns and facts whose values no two runs share. */
const passing: ReadonlySet<string> = new Set([
  ...["pid", "ppid", "fd", "inode", "thread", "process", "goroutine"],
  ...["at", "started", "started_at", "finished_at", "milliseconds", "microseconds", "stopped_milliseconds"],
  ...["stood still", "cpu seconds", "cpu_seconds", "rss bytes", "rss_bytes"],
]);

/** Whether a field, a column or a fact says what passes with the run. A column `process` is a name. */
export const isPassing = (name: string, isColumn = false): boolean =>
  passing.has(name.toLowerCase()) && !(isColumn && name === "process");

/** A value that was saved from a passing field: `only(result.processes).pid`. */
export const isPassingValue = ({ name, expression }: SavedValue): boolean =>
  isPassing(name) || (expression !== null && isPassing(/\.([a-z_]+)$/.exec(expression.trim())?.[1] ?? ""));

/** Takes out of texts and values what passes with the run, so that two runs can be compared. */
export interface Steady {
  text(line: string): string;
  json(value: Json): Json;
}

const month = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";

const times = new RegExp(
  [
    String.raw`\d{4}[-/]\d{2}[-/]\d{2}(?:[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?`,
    String.raw`(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?(?:\d{1,2} ${month}|${month} +\d{1,2})(?: \d{4})?(?: \d{2}:\d{2}:\d{2})?`,
    String.raw`\b\d{2}:\d{2}:\d{2}(?:[.,]\d+)?\b`,
    String.raw`(?<=<)\d+\.\d{6}(?=>)`, // as strace says how long a call took
  ].join("|"),
  "g",
);
const addresses = /\b0x[0-9a-f]{6,16}\b/gi;
const named = /\b(pid|ppid|fd|inode|goroutine)([=: ]+)\d+\b/gi;

/** What stays of a case's texts: without times, addresses in memory, and the numbers of its processes. */
export function steadyOf(report: Report): Steady {
  const numbers = processNumbers(report);
  const processes = numbers.length === 0 ? null : new RegExp(`(?<![\\w.])(?:${numbers.join("|")})(?![\\w.]*\\d)`, "g");
  const folder = ownFolder(report.case);
  const text = (line: string): string => {
    const short = line
      .replace(folder, "‹case›")
      .replace(times, "‹time›")
      .replace(addresses, "‹address›")
      .replace(named, "$1$2‹number›");
    return processes === null ? short : short.replace(processes, "‹process›");
  };
  const json = (value: Json): Json => {
    if (typeof value === "string") return text(value);
    if (Array.isArray(value)) return value.map(json);
    if (!isJsonObject(value)) return value;
    const kept = Object.entries(value).filter(([name]) => !isPassing(name));
    return Object.fromEntries(kept.map(([name, inner]) => [name, json(inner)]));
  };
  return { text, json };
}

/** Where a case lies, which tools show of the files that they write there. */
function ownFolder(name: string): RegExp {
  const last = name.replace(/\/+$/, "").replace(/^.*\//, "");
  return new RegExp(`[^\\s<"']*/${last.replace(/[^\w-]/g, "\\$&")}(?=/(?:evidence|\\.scratch)/)`, "g");
}

/** Everything as it is. */
export const exact: Steady = { text: (line) => line, json: (value) => value };

/** Those that the report shows as such; small numbers would be found by chance. */
function processNumbers(report: Report): readonly string[] {
  const found = new Set<string>();
  for (const { opened, blocks } of walk(report.steps)) {
    for (const { label, value } of opened) if (label === "pid") found.add(value);
    for (const block of blocks) {
      if (block.type === "facts") for (const { label, value } of block.facts) if (label === "Process") found.add(value);
      if (block.type !== "table") continue;
      for (const [index, column] of block.columns.entries()) {
        if (column === "pid" || column === "ppid") for (const row of block.rows) found.add(row[index] ?? "");
      }
    }
  }
  return [...found].filter((number) => /^\d{3,}$/.test(number));
}
