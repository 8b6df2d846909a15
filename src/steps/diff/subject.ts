import { StepFailure } from "../../model/step-kind.js";
import { CutText, toJson, type Value, type ValueObject } from "../../model/value.js";

/** What is compared: rows, or the lines of a text. */
export type Subject =
  | { readonly kind: "rows"; readonly rows: readonly ValueObject[] }
  | {
      readonly kind: "lines";
      readonly lines: readonly string[];
      /** What the lines are of, one each, where they are no text. */
      readonly values?: readonly Value[];
    };

const isObject = (value: Value | undefined): value is ValueObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) && value.constructor === Object;

const isRows = (value: Value | undefined): value is readonly ValueObject[] =>
  Array.isArray(value) && value.every(isObject);

/** The field of a probe's result that is its list of rows. */
export const listFields: Readonly<Record<string, string>> = {
  sockets: "sockets",
  processes: "processes",
  log: "lines",
};

/** What of a probe's result is compared: its rows, else what was parsed, else the text it printed. */
export function subjectOfProbe(kind: string, result: ValueObject): Subject {
  const field = listFields[kind];
  if (field !== undefined && (result.rows ?? null) === null) return subjectOf(result[field] ?? []);
  for (const parsed of ["rows", "lines", "json"]) {
    const value = result[parsed];
    if (value !== undefined && value !== null) return subjectOf(value);
  }
  return subjectOf(result.stdout ?? "");
}

/** When a process began is worked out from two clocks, one of which moves while the other is read. */
const clockMilliseconds = 1000;

/** The rows of `after`, with the times of `before` where a process began at the same moment but for the clocks' resolution. */
export function steady(kind: string, before: Subject, after: Subject): Subject {
  if (kind !== "processes" || before.kind !== "rows" || after.kind !== "rows") return after;
  const known = new Map(before.rows.map((row) => [row.pid, row.started_at]));
  const rows = after.rows.map((row) => {
    const [earlier, now] = [known.get(row.pid), row.started_at];
    if (!(earlier instanceof Date && now instanceof Date)) return row;
    return Math.abs(earlier.getTime() - now.getTime()) < clockMilliseconds ? { ...row, started_at: earlier } : row;
  });
  return { kind: "rows", rows };
}

/** @throws StepFailure for a text of which a part is missing */
export function subjectOf(value: Value): Subject {
  if (value instanceof CutText) {
    throw new StepFailure(`expected whole texts to compare, found one of which ${value.omittedBytes} bytes were cut`, {
      remedy: "let the command itself filter its output, or `parse` it into rows",
    });
  }
  if (isRows(value) && value.length > 0) return { kind: "rows", rows: value };
  if (typeof value === "string")
    return { kind: "lines", lines: value === "" ? [] : value.replace(/\n$/, "").split("\n") };
  // The guard for arrays does not narrow readonly ones.
  if (Array.isArray(value)) return { kind: "lines", lines: value.map(lineOf), values: value as readonly Value[] };
  return { kind: "lines", lines: JSON.stringify(toJson(value), null, 2).split("\n") };
}

const lineOf = (value: Value): string => (typeof value === "string" ? value : JSON.stringify(toJson(value)));

/** A row on one line: `address=127.0.0.1 port=8080`. */
export const rowLine = (row: ValueObject): string =>
  Object.entries(row)
    .map(([name, value]) => `${name}=${lineOf(value)}`)
    .join(" ");
