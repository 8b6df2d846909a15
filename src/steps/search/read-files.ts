import type { EvidenceReader, EvidenceRef } from "../../model/evidence.js";
import { StepFailure } from "../../model/step-kind.js";
import { CutText } from "../../model/value.js";
import { compileRe2, type RE2JS } from "../../util/re2.js";
import { decodeHead, decodeTail, decodeUtf8 } from "../../util/utf8.js";
import { type PrintedFile, readRecords } from "./records.js";
import type { CodeSearch, Match, SearchResult, SearchTool } from "./spec.js";

/** What a search printed, and whether that is all of it. */
export interface SearchedFiles {
  readonly tool: SearchTool;
  readonly stdout: EvidenceRef | null;
  readonly stderr: EvidenceRef | null;
  /** Why something may be missing, or null. */
  readonly incomplete: string | null;
}

const defaultLimit = 1000;

/** A search keeps at most this many places in memory while it sorts them. */
const sortedMatches = 200_000;

/** The matches in the order of files and lines, whichever tool found them. */
export async function readFiles(
  spec: CodeSearch,
  searched: SearchedFiles,
  evidence: EvidenceReader,
): Promise<Omit<SearchResult, "items">> {
  const compiled = compileRe2(spec.code);
  if (!compiled.ok) throw new StepFailure(`expected an RE2 pattern in code: ${compiled.message}`);
  if (searched.stdout === null) return { matches: [], count: 0, truncated: searched.incomplete !== null };
  const wanted = await fileFilter(spec);
  let cut = searched.incomplete !== null || searched.stdout.truncated;
  let count = 0;
  const matches: Match[] = [];
  const files = readRecords(searched.tool, evidence.stream(searched.stdout.path), () => {
    cut = true;
  });
  for await (const file of files) {
    if (!wanted(file.file)) continue;
    for (const match of matchesOf(file, compiled.re2, spec.context ?? 0)) {
      count++;
      if (matches.length < sortedMatches) matches.push(match);
    }
  }
  matches.sort(byPlace);
  const kept = matches.slice(0, spec.limit ?? defaultLimit);
  return { matches: kept, count, truncated: cut || kept.length < count };
}

function* matchesOf({ file, lines }: PrintedFile, re2: RE2JS, context: number): Generator<Match> {
  const byNumber = new Map(lines.map((line) => [line.line, line]));
  const near = (from: number, to: number): Match["before"] =>
    Array.from({ length: Math.max(0, to - from) }, (_, index) => byNumber.get(from + index)?.bytes)
      .filter((bytes) => bytes !== undefined)
      .map(shortText);
  for (const { line, bytes, matches } of lines) {
    if (!matches) continue;
    const matcher = re2.matcher(bytes);
    if (!matcher.find()) continue;
    const before = near(line - context, line);
    const after = near(line + 1, line + 1 + context);
    yield { file, line, column: matcher.start() + 1, text: shortText(bytes), before, after };
  }
}

/** A longer line is cut: code that was written by hand has none. */
const textBytes = 4096;

function shortText(bytes: Uint8Array): string | CutText {
  const line = bytes.at(-1) === 13 ? bytes.subarray(0, -1) : bytes;
  if (line.length <= textBytes) return decodeUtf8(line);
  const half = textBytes / 2;
  return new CutText(decodeHead(line.subarray(0, half)), decodeTail(line.subarray(-half)), line.length - textBytes);
}

/** Whether a file is meant: one glob of `files` matches it, and none of `except` matches it or a folder above it. */
export async function fileFilter(spec: Pick<CodeSearch, "files" | "except">): Promise<(file: string) => boolean> {
  const { default: picomatch } = await import("picomatch"); // costs milliseconds at start, and most commands search nothing
  const globMatcher = (glob: string) => pathMatcher(glob, picomatch);
  const files = spec.files?.map(globMatcher);
  const except = (spec.except ?? []).map(globMatcher);
  return (file) =>
    (files === undefined || files.some((matches) => matches(file))) &&
    !pathsOf(file).some((path) => except.some((matches) => matches(path)));
}

/** Without a `/` a glob is meant for names alone. */
function pathMatcher(glob: string, picomatch: typeof import("picomatch")): (path: string) => boolean {
  const matches = picomatch(glob.replace(/^\.?\//, "").replace(/\/$/, ""), { dot: true });
  return /\/./.test(glob) ? matches : (path) => matches(path.slice(path.lastIndexOf("/") + 1));
}

/** `a/b/c`: `a`, `a/b`, `a/b/c`. */
function pathsOf(file: string): string[] {
  const parts = file.split("/");
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

const byPlace = (left: Match, right: Match): number =>
  left.file < right.file ? -1 : left.file > right.file ? 1 : left.line - right.line;
