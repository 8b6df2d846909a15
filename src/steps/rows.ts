import type { Block } from "../model/block.js";
import { isJsonObject, type Json } from "../model/json.js";
import type { Value } from "../model/value.js";

/** Rows that a report shows; the result has them all. */
const shownRows = 200;

/** A table of values, the first of them if there are many. */
export function tableBlock(columns: readonly string[], rows: readonly (readonly Value[])[], title?: string): Block {
  const shown = rows.slice(0, shownRows).map((row) => row.map(cell));
  const omitted = rows.length - shown.length;
  return {
    type: "table",
    columns,
    rows: shown,
    ...(title !== undefined && { title }),
    ...(omitted > 0 && { omittedRows: omitted }),
  };
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
