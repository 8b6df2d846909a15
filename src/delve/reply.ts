/** A string of JSON, or a whole number with its fraction and exponent. */
const stringOrNumber = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

const longInteger = /^-?\d{16,}$/;
const anyLong = /\d{16}/;

/**
 * Parses a reply of Delve's. Addresses and registers may exceed 2^53, where JSON.parse loses digits: an integer that a
 * number cannot hold becomes its digits as text.
 */
export function parseReply(line: string): unknown {
  if (!anyLong.test(line)) return JSON.parse(line);
  const exact = line.replace(stringOrNumber, (found) =>
    longInteger.test(found) && !Number.isSafeInteger(Number(found)) ? `"${found}"` : found,
  );
  return JSON.parse(exact);
}
