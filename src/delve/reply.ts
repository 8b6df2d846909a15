/** A string of JSON, or an integer of 16 digits and more that is no part of a fraction. */
const stringOrLong = /"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g;

const anyLong = /\d{16}/;

/**
 * Parses a reply of Delve's. Addresses and registers may exceed 2^53, where JSON.parse loses digits: an integer that a
 * number cannot hold becomes its digits as text.
 */
export function parseReply(line: string): unknown {
  if (!anyLong.test(line)) return JSON.parse(line);
  const exact = line.replace(stringOrLong, (found) =>
    found.startsWith('"') || Number.isSafeInteger(Number(found)) ? found : `"${found}"`,
  );
  return JSON.parse(exact);
}
