import type { Block } from "../model/block.js";
import { isJsonObject, type Json } from "../model/json.js";
import type { Value } from "../model/value.js";

/** Rows that a report shows; the result has them all. */
const shownRows = 200;

/** A table of values, the first of them if there are many. */
export function tableBlock(
  columns: readonly string[],
  rows: readonly (readonly Value[])[],
  title?: string,
  most = shownRows,
): Block {
  const shown = rows.slice(0, most).map((row) => row.map(cell));
  const omitted = rows.length - shown.length;
  return {
    type: "table",
    columns,
    rows: shown,
    ...(title !== undefined && { title }),
    ...(omitted > 0 && { omittedRows: omitted }),
  };
}

/** Of rows that were read from a text, which is shown itself: enough to see how it was read. */
const shownParsed = 10;

/** How a text was read: its first rows, and how many there are. Nothing where there are none. */
export function parsedBlocks(rows: readonly Readonly<Record<string, Value>>[] | null): readonly Block[] {
  const [first] = rows ?? [];
  if (rows === null || first === undefined) return [];
  const columns = Object.keys(first);
  const values = rows.map((row) => columns.map((column) => row[column] ?? null));
  return [tableBlock(columns, values, "As it was read", shownParsed)];
}

function cell(value: Value): string {
  if (value === null) return "–";
  if (value instanceof Date) return value.toISOString();
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** A filter as a plan shows it: `, where pid = 12 and state = listening`. */
export function describeFilter(written: Json): string {
  const terms = isJsonObject(written)
    ? Object.entries(written).map(([name, value]) => `${name} = ${String(value)}`)
    : [];
  return terms.length === 0 ? "" : `, where ${terms.join(" and ")}`;
}
