/** A whole string, or a number, of a JSON text; what stands between holds neither. */
const stringOrNumber = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gs;

/**
 * `JSON.parse`, but a number that would not come out as it is written stays text: an integer beyond 2^53 loses its last digits
 * in JavaScript, one like 1e400 its value. Throws a `SyntaxError` as `JSON.parse` does.
 */
export function parseExactJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!/\d{16}|\d[eE]\+?\d{3}/.test(text)) return value;
  return JSON.parse(text.replace(stringOrNumber, (found) => (isExact(found) ? found : `"${found}"`)));
}

function isExact(found: string): boolean {
  if (found.startsWith('"')) return true;
  const number = Number(found);
  return Number.isFinite(number) && (Number.isSafeInteger(number) || !/^-?\d+$/.test(found));
}
