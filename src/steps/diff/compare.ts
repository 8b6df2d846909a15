import { StepFailure } from "../../model/step-kind.js";
import { toJson, type Value, type ValueObject } from "../../model/value.js";
import { hunksBetween } from "../../util/unified.js";
import { rowLine, type Subject } from "./subject.js";

export interface Difference {
  readonly added: readonly Value[];
  readonly removed: readonly Value[];
  readonly changed: readonly {
    readonly before: ValueObject;
    readonly after: ValueObject;
    readonly fields: readonly string[];
  }[];
  /** A unified diff; empty when both are alike. */
  readonly text: string;
}

/** What a person calls both sides. */
export interface Sides {
  readonly left: string;
  readonly right: string;
}

/**
 * Compares rows by a key, or lines. Without a key a row is the same only if all of it is.
 * @throws StepFailure when a row lacks a field of the key
 */
export function compare(left: Subject, right: Subject, key: readonly string[] | undefined, sides: Sides): Difference {
  const lines = unified(linesOf(left), linesOf(right), sides);
  if (left.kind === "rows" || right.kind === "rows") {
    const [before, after] = [rowsOf(left), rowsOf(right)];
    if (before !== null && after !== null) return { ...compareRows(before, after, key), text: lines.text };
  }
  return { added: valuesOf(right, lines.added), removed: valuesOf(left, lines.removed), changed: [], text: lines.text };
}

/** What lines stand for: a list's elements keep their type. */
function valuesOf(subject: Subject, lines: readonly string[]): readonly Value[] {
  if (subject.kind === "rows" || subject.values === undefined) return lines;
  const values = new Map(subject.lines.map((line, index) => [line, subject.values?.[index] ?? null]));
  return lines.map((line) => (values.has(line) ? (values.get(line) ?? null) : line));
}

const linesOf = (subject: Subject): readonly string[] =>
  subject.kind === "lines" ? subject.lines : subject.rows.map(rowLine);

/** An empty list is as well a list of no rows. */
const rowsOf = (subject: Subject): readonly ValueObject[] | null => {
  if (subject.kind === "rows") return subject.rows;
  return subject.lines.length === 0 ? [] : null;
};

function compareRows(
  left: readonly ValueObject[],
  right: readonly ValueObject[],
  key: readonly string[] | undefined,
): Omit<Difference, "text"> {
  const before = byKey(left, key);
  const added: ValueObject[] = [];
  const changed: Difference["changed"][number][] = [];
  for (const after of right) {
    // Rows with the same key are paired in their order.
    const match = before.get(keyOf(after, key))?.shift();
    if (match === undefined) added.push(after);
    else {
      const fields = changedFields(match, after);
      if (fields.length > 0) changed.push({ before: match, after, fields });
    }
  }
  const unmatched = new Set([...before.values()].flat());
  return { added, removed: left.filter((row) => unmatched.has(row)), changed };
}

function byKey(rows: readonly ValueObject[], key: readonly string[] | undefined): Map<string, ValueObject[]> {
  const all = new Map<string, ValueObject[]>();
  for (const row of rows) {
    const own = keyOf(row, key);
    const same = all.get(own);
    if (same === undefined) all.set(own, [row]);
    else same.push(row);
  }
  return all;
}

function keyOf(row: ValueObject, key: readonly string[] | undefined): string {
  const names = key ?? Object.keys(row).sort();
  const values = names.map((name) => {
    const value = row[name];
    if (value !== undefined) return toJson(value);
    const there = Object.keys(row).join(", ");
    throw new StepFailure(`expected the field ${name} of the key in every row, found only ${there}`);
  });
  return JSON.stringify(key === undefined ? [names, values] : values);
}

function changedFields(before: ValueObject, after: ValueObject): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const json = (value: Value | undefined): string => JSON.stringify(value === undefined ? null : toJson(value));
  return [...names].filter((name) => json(before[name]) !== json(after[name]));
}

interface Unified {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly text: string;
}

function unified(left: readonly string[], right: readonly string[], sides: Sides): Unified {
  const hunks = hunksBetween(left, right);
  const lines = hunks.flatMap((hunk) => hunk.lines);
  const of = (sign: string): string[] => lines.filter((line) => line.startsWith(sign)).map((line) => line.slice(1));
  const shown = hunks.flatMap((hunk) => [hunk.head, ...hunk.lines]);
  const text = hunks.length === 0 ? "" : [`--- ${sides.left}`, `+++ ${sides.right}`, ...shown].join("\n");
  return { added: of("+"), removed: of("-"), text };
}
