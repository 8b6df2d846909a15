/**
 * What was measured, beside what it is held against. `peer` is null where the peer is not installed.
 *
 * @typedef {{ readonly work: string, readonly figure: number, readonly unit: string, readonly peerName: string,
 *   readonly peer: number | null, readonly budget: number }} Row
 */

/** @typedef {(workshop: import("./workshop.mjs").Workshop) => Iterable<Row> | AsyncIterable<Row>} Measure */

const columns = [
  { title: "work", width: 38 },
  { title: "figure", width: 11 },
  { title: "peer", width: 44 },
  { title: "ratio", width: 6 },
  { title: "budget", width: 6 },
];

/** @param {readonly string[]} cells */
const aligned = (cells) => cells.map((cell, index) => cell.padEnd(columns[index]?.width ?? 0)).join("  ");

/** The line above the rows. */
export const heading = aligned(columns.map(({ title }) => title));

/**
 * One row of the table.
 *
 * @param {Row} row
 */
export function line(row) {
  const { work, figure, unit, peerName, peer, budget } = row;
  const cells = [work, number(figure, unit)];
  if (peer === null) return aligned([...cells, `${peerName}: not installed`, "", budget.toFixed(2)]).trimEnd();
  const ratio = (figure / peer).toFixed(2);
  return `${aligned([...cells, `${peerName}: ${number(peer, unit)}`, ratio, budget.toFixed(2)])}  ${isOver(row) ? "OVER" : "ok"}`;
}

/** @param {Row} row */
export const isOver = ({ figure, peer, budget }) => peer !== null && figure / peer > budget;

/**
 * @param {number} value
 * @param {string} unit
 */
const number = (value, unit) => `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${unit}`.trimEnd();
