/** Where a text is not CSV. `line` counts from 1. */
export class CsvError extends Error {
  override readonly name = "CsvError";

  constructor(
    message: string,
    readonly line: number,
  ) {
    super(message);
  }
}

/**
 * Records of comma-separated values after RFC 4180: quoted fields may hold commas, line breaks and doubled quotes; records
 * end with LF, CRLF or CR. Empty lines are left out. Throws `CsvError` for a quote that never ends or text behind one.
 */
export function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let line = 1;
  let at = 0;
  // The first record's line, for messages about it, moves on with every line break inside quotes.
  while (at < text.length) {
    const isQuoted = text[at] === '"';
    const field = isQuoted ? quoted(text, at, line) : plain(text, at);
    record.push(field.text);
    line += field.breaks;
    at = field.end;
    if (text[at] === ",") {
      at++;
      if (at < text.length && !endsLine(text[at])) continue;
      record.push("");
    }
    at += text.startsWith("\r\n", at) ? 2 : 1;
    line++;
    if (isQuoted || record.length > 1 || record[0] !== "") records.push(record);
    record = [];
  }
  return records;
}

const endsLine = (character: string | undefined): boolean => character === "\n" || character === "\r";

interface Field {
  readonly text: string;
  /** Index of the comma or line break behind it, or the length. */
  readonly end: number;
  readonly breaks: number;
}

function plain(text: string, start: number): Field {
  let end = start;
  while (end < text.length && text[end] !== "," && !endsLine(text[end])) end++;
  return { text: text.slice(start, end), end, breaks: 0 };
}

function quoted(text: string, start: number, line: number): Field {
  const parts: string[] = [];
  let from = start + 1;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote === -1) throw new CsvError("a quoted field never ends", line);
    parts.push(text.slice(from, quote));
    if (text[quote + 1] === '"') {
      parts.push('"');
      from = quote + 2;
      continue;
    }
    const end = quote + 1;
    const behind = text[end];
    const inside = parts.join("");
    const breaks = inside.split(/\r\n|[\r\n]/).length - 1;
    if (behind === undefined || behind === "," || endsLine(behind)) {
      return { text: inside, end, breaks };
    }
    throw new CsvError(
      `expected a comma or the end of the line behind a closing quote, found ${JSON.stringify(behind)}`,
      line + breaks,
    );
  }
}
