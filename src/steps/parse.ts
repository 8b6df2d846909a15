import * as z from "zod";
import type { EvidenceReader, EvidenceRef } from "../model/evidence.js";
import type { Json } from "../model/json.js";
import { StepFailure } from "../model/step-kind.js";
import { CutText, type Value } from "../model/value.js";
import { CsvError, parseCsv } from "../util/csv.js";
import { parseExactJson } from "../util/exact-json.js";
import { findJsonMistake } from "../util/json-mistake.js";
import { didYouMean } from "../util/near-miss.js";
import { compileRe2 } from "../util/re2.js";
import { decodeUtf8 } from "../util/utf8.js";

/** What can be read from an output as a whole: more than this is refused, not half read. */
const parseBytes = 16 * 1024 * 1024;

/** A result's list has at most this many elements: what is larger is for a program, not for conditions. */
const maxRows = 100_000;

/** The ways that have a name; anything else is a pattern. */
const ways = ["lines", "json", "table", "csv"] as const;

type Way = (typeof ways)[number];

const isWay = (text: string): text is Way => (ways as readonly string[]).includes(text);

/** The field `parse` of kinds that have an output: one of the named ways, or a pattern. */
export const parseField = (named: readonly Way[] = ways) =>
  z
    .string()
    .min(1)
    .superRefine((text, context) => {
      const problem = isWay(text) && named.includes(text) ? null : patternProblem(text, named);
      if (problem !== null) context.addIssue({ code: "custom", message: problem });
    });

function patternProblem(pattern: string, named: readonly Way[]): string | null {
  const compiled = compileRe2(pattern, { multiline: true });
  const ways = named.length === 0 ? "" : `${named.join(", ")} or `;
  const expected = `expected ${ways}an RE2 pattern with named groups such as (?P<pid>\\d+)`;
  if (!compiled.ok) return `${expected}; found a pattern with an error: ${compiled.message}`;
  if (Object.keys(compiled.re2.namedGroups()).length > 0) return null;
  const near = didYouMean(pattern, named);
  return `${expected}; found no named group in it${near === null ? "" : `: ${near}`}`;
}

/** The three fields that `parse` may fill; what it does not is null. */
export interface Parsed {
  readonly lines: readonly string[] | null;
  readonly json: Value;
  readonly rows: readonly Row[] | null;
}

export type Row = Readonly<Record<string, string | null>>;

export const nothingParsed: Parsed = { lines: null, json: null, rows: null };

/** Of these fields, those that `parse` as it is written leaves null, each with what to write for it. */
export function unfilledBy(way: Json | undefined): Readonly<Record<string, string>> {
  if (typeof way === "string" && way.includes("{{")) return {};
  const hints = { lines: "write parse: lines", json: "write parse: json", rows: rowsHint } as const;
  const filled = way === undefined || way === "lines" ? "lines" : way === "json" ? "json" : "rows";
  return Object.fromEntries(Object.entries(hints).filter(([name]) => name !== filled));
}

const rowsHint = "write parse: table, parse: csv, or a pattern with named groups";

/** The lines of an output that nothing else is read from; null where they are too many, or not whole. */
export function linesIfWhole(ref: EvidenceRef | null, text: string | CutText): readonly string[] | null {
  if (ref === null || ref.bytes === 0) return [];
  if (text instanceof CutText) return null;
  const lines = splitLines(withLineFeeds(`${text}\n`)); // in place of the final newline that a result does without
  return lines.length > maxRows ? null : lines;
}

/** The same fields in a result's schema. */
export const parsedFields = {
  lines: z.array(z.string()).readonly().nullable(),
  json: z.custom<Value>(),
  rows: z.array(z.record(z.string(), z.string().nullable()).readonly()).readonly().nullable(),
};

/**
 * Reads a captured text in the way that `parse` says.
 * @throws StepFailure when the text is too large or is not what `parse` says
 */
export async function parseEvidence(
  way: string | undefined,
  ref: EvidenceRef | null,
  evidence: EvidenceReader,
): Promise<Parsed> {
  if (way === undefined) return nothingParsed;
  if (ref === null) return parseText(way, "");
  if (ref.truncated) throw new StepFailure(`expected a whole output to parse, but it was cut: ${ref.why ?? "a limit"}`);
  if (ref.bytes > parseBytes) {
    throw new StepFailure(`expected at most ${parseBytes / 1024 / 1024} MiB to parse, found ${ref.bytes} bytes`, {
      remedy: "let the command itself filter its output (grep, jq, head)",
    });
  }
  return parseText(way, decodeUtf8(await evidence.head(ref.path, ref.bytes)));
}

/** The text as JSON where it is JSON: what declares itself so need not be. */
export async function jsonIfAny(ref: EvidenceRef | null, evidence: EvidenceReader): Promise<Json> {
  if (ref === null || ref.truncated || ref.bytes > parseBytes) return null;
  try {
    return parseExactJson(decodeUtf8(await evidence.head(ref.path, ref.bytes))) as Json; // as JSON.parse gives
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** @throws StepFailure when the text is not what `way` says */
export function parseText(way: string, text: string): Parsed {
  if (!isWay(way)) return { ...nothingParsed, rows: matches(way, namesReturn.test(way) ? text : withLineFeeds(text)) };
  switch (way) {
    case "lines":
      return { ...nothingParsed, lines: bounded(splitLines(withLineFeeds(text))) };
    case "json":
      return { ...nothingParsed, json: parseJson(text) };
    case "table":
      return { ...nothingParsed, rows: bounded(table(withLineFeeds(text))) };
    case "csv":
      return { ...nothingParsed, rows: bounded(csv(text)) };
    default:
      return way satisfies never;
  }
}

function bounded<T>(list: readonly T[]): readonly T[] {
  if (list.length <= maxRows) return list;
  throw new StepFailure(`expected at most ${maxRows} rows, found ${list.length}`, {
    remedy: "let the command itself filter its output",
  });
}

/** A line ends with LF, CRLF or CR; a terminal within a terminal also makes CR CR LF. */
const withLineFeeds = (text: string): string => text.replace(/\r+\n|\r/g, "\n");

/** A pattern that names CR itself is about the text as it is. */
const namesReturn = /\\r|\\x0d|\r/i;

function splitLines(text: string): string[] {
  if (text === "") return [];
  return (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
}

function parseJson(text: string): Json {
  const source = text.startsWith("\uFEFF") ? text.slice(1) : text;
  try {
    return parseExactJson(source) as Json; // as JSON.parse gives
  } catch (cause) {
    const { line, column, found } = findJsonMistake(source);
    const where = source.trim() === "" ? "an empty text" : `${found} at line ${line}, column ${column}`;
    throw new StepFailure(`expected JSON, found ${where}`, { cause });
  }
}

/** A header row of words, then rows of as many columns; the last column takes what is left of its line. */
function table(text: string): Record<string, string>[] {
  const [header, ...lines] = splitLines(text).filter((line) => line.trim() !== "");
  if (header === undefined) return [];
  const names = header.trim().split(/\s+/);
  checkNames(names);
  return lines.map((line) => record(names, columns(line.trim(), names.length)));
}

function columns(line: string, count: number): string[] {
  const words: string[] = [];
  let rest = line;
  while (words.length < count - 1) {
    const gap = /\s+/.exec(rest);
    if (gap === null) break;
    words.push(rest.slice(0, gap.index));
    rest = rest.slice(gap.index + gap[0].length);
  }
  return [...words, rest];
}

function csv(text: string): Record<string, string>[] {
  let records: string[][];
  try {
    records = parseCsv(text.startsWith("\uFEFF") ? text.slice(1) : text);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new StepFailure(`expected CSV, but at line ${error.line} ${error.message}`, { cause: error });
  }
  const [names, ...rows] = records;
  if (names === undefined) return [];
  checkNames(names);
  return rows.map((row, index) => {
    if (row.length > names.length) {
      throw new StepFailure(
        `expected ${names.length} columns as in the header, found ${row.length} in row ${index + 1}`,
      );
    }
    return record(names, row);
  });
}

function checkNames(names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new StepFailure(`expected every column of the header once, found "${twice}" twice`);
}

/** A short row's missing columns are empty. */
const record = (names: readonly string[], values: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name, index) => [name, values[index] ?? ""]));

function matches(pattern: string, text: string): readonly Row[] {
  const rows: Row[] = [];
  rowReader(pattern)(text, rows);
  return rows;
}

/** Appends a row to those given for each match of a pattern with named groups. */
export function rowReader(pattern: string): (text: string, rows: Row[]) => void {
  const compiled = compileRe2(pattern, { multiline: true });
  if (!compiled.ok) throw new StepFailure(`expected an RE2 pattern to parse with: ${compiled.message}`);
  const names = Object.keys(compiled.re2.namedGroups());
  return (text, rows) => {
    const matcher = compiled.re2.matcher(text);
    while (matcher.find()) {
      if (rows.length === maxRows)
        throw new StepFailure(`expected at most ${maxRows} matches of the pattern, found more`);
      rows.push(Object.fromEntries(names.map((name) => [name, matcher.group(name)])));
    }
  };
}
