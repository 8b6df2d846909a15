/** Digits of an integer that may be too long for a number, with its sign. */
const longDigits = /-?\d{16,}/g;

/**
 * Parses a reply of Delve's. Addresses and registers may exceed 2^53, where JSON.parse loses digits: an integer that a
 * number cannot hold becomes its digits as text. A program stands still meanwhile: only quotes and long digits are looked for.
 */
export function parseReply(line: string): unknown {
  let exact = "";
  let copied = 0;
  let quote = -1;
  let inString = false;
  for (const { 0: digits, index } of line.matchAll(longDigits)) {
    for (let next = nextQuote(line, quote + 1); next !== -1 && next < index; next = nextQuote(line, quote + 1)) {
      quote = next;
      inString = !inString;
    }
    if (inString || Number.isSafeInteger(Number(digits)) || !isInteger(line, index, index + digits.length)) continue;
    exact += `${line.slice(copied, index)}"${digits}"`;
    copied = index + digits.length;
  }
  return JSON.parse(copied === 0 ? line : exact + line.slice(copied));
}

/** Outside of strings a backslash cannot stand, so one before a quote always escapes it or another backslash. */
function nextQuote(line: string, from: number): number {
  for (let at = line.indexOf('"', from); at !== -1; at = line.indexOf('"', at + 1)) {
    let escapes = 0;
    while (line[at - escapes - 1] === "\\") escapes++;
    if (escapes % 2 === 0) return at;
  }
  return -1;
}

/** Whether digits are a number of their own, without a fraction or an exponent. */
const isInteger = (line: string, start: number, end: number): boolean =>
  !/[.eE]/.test(line[end] ?? "") && !/[\d.eE+]/.test(line[start - 1] ?? "");
