import { type Line, splitLines } from "../../util/lines.js";
import { decodeUtf8 } from "../../util/utf8.js";
import type { SearchTool } from "./spec.js";

/** A line that a tool printed: one that it takes for a match, or one near it. */
export interface Printed {
  /** Relative to where the search began. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly bytes: Uint8Array;
  readonly matches: boolean;
}

/** The lines of one file; `binary` when the tool found out afterwards that it is no text. */
export interface PrintedFile {
  readonly file: string;
  readonly lines: readonly Printed[];
}

/** A line of a tool's own output that is longer is passed over and counted as cut. */
const recordBytes = 48 * 1024 * 1024;

/** What a tool printed, file by file. @param onCut called for a record that could not be read */
export async function* readRecords(
  tool: SearchTool,
  chunks: AsyncIterable<Uint8Array>,
  onCut: () => void,
): AsyncGenerator<PrintedFile> {
  const lines = splitLines(chunks, recordBytes);
  yield* tool === "rg" ? rgFiles(lines, onCut) : grepFiles(lines, tool, onCut);
}

/** Text that is not UTF-8 comes in base64. https://docs.rs/grep-printer/latest/grep_printer/struct.JSON.html */
interface RgText {
  readonly text?: string;
  readonly bytes?: string;
}

interface RgMessage {
  readonly type: "begin" | "match" | "context" | "end" | "summary";
  readonly data: {
    readonly path?: RgText;
    readonly lines?: RgText;
    readonly line_number?: number;
    readonly binary_offset?: number | null;
  };
}

async function* rgFiles(records: AsyncIterable<Line>, onCut: () => void): AsyncGenerator<PrintedFile> {
  let lines: Printed[] = [];
  for await (const record of records) {
    const message = record.cut ? null : parseMessage(record.bytes);
    if (message === null) {
      onCut();
      continue;
    }
    const { type, data } = message;
    if (type === "begin") lines = [];
    if (type === "match" || type === "context") {
      const bytes = withoutNewline(bytesOf(data.lines));
      lines.push({ file: fileName(bytesOf(data.path)), line: data.line_number ?? 0, bytes, matches: type === "match" });
    }
    // Everything before the first NUL was searched already.
    if (type === "end" && (data.binary_offset ?? null) === null) yield { file: fileName(bytesOf(data.path)), lines };
    if (type === "end") lines = [];
  }
  const [first] = lines;
  // Cut off in the middle of a file: what there is counts.
  if (first !== undefined) yield { file: first.file, lines };
}

/** null for a last message that was cut off. */
function parseMessage(bytes: Uint8Array): RgMessage | null {
  try {
    return JSON.parse(decodeUtf8(bytes)) as RgMessage; // ripgrep's own format
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

const bytesOf = (text: RgText | undefined): Uint8Array =>
  text?.bytes === undefined ? Buffer.from(text?.text ?? "") : Buffer.from(text.bytes, "base64");

const withoutNewline = (bytes: Uint8Array): Uint8Array => (bytes.at(-1) === 10 ? bytes.subarray(0, -1) : bytes);

const fileName = (bytes: Uint8Array): string => decodeUtf8(bytes).replace(/^\.\//, "");

/** git: `file NUL line NUL column NUL text`, without the column near a match; grep: `file NUL line:text`, `line-text` near one. */
async function* grepFiles(
  records: AsyncIterable<Line>,
  tool: "git" | "grep",
  onCut: () => void,
): AsyncGenerator<PrintedFile> {
  let lines: Printed[] = [];
  for await (const record of records) {
    const printed = parseGrep(record.bytes, tool);
    if (printed === null) continue;
    if (record.cut) onCut();
    const last = lines.at(-1);
    if (last !== undefined && last.file !== printed.file) {
      yield { file: last.file, lines };
      lines = [];
    }
    lines.push(printed);
  }
  const [first] = lines;
  if (first !== undefined) yield { file: first.file, lines };
}

/** null for the `--` between groups, and for what is cut before its text. */
function parseGrep(bytes: Uint8Array, tool: "git" | "grep"): Printed | null {
  const name = bytes.indexOf(0);
  if (name === -1) return null;
  const file = fileName(bytes.subarray(0, name));
  const rest = bytes.subarray(name + 1);
  const digits = rest.findIndex((byte) => byte < 0x30 || byte > 0x39);
  if (digits < 1) return null;
  const line = Number(decodeUtf8(rest.subarray(0, digits)));
  const text = rest.subarray(digits + 1);
  if (tool === "grep") return { file, line, bytes: text, matches: rest[digits] === 0x3a };
  const column = text.indexOf(0);
  return column === -1
    ? { file, line, bytes: text, matches: false }
    : { file, line, bytes: text.subarray(column + 1), matches: true };
}
