import { type Document, isMap, isScalar, isSeq, Lexer, type ParsedNode, type YAMLError, type YAMLMap } from "yaml";
import type { Diagnostic, Place } from "../model/diagnostic.js";
import { compose, maximumDepth } from "./compose.js";
import type { Source } from "./source.js";
import type { WrittenValue } from "./written-values.js";
import { quotedValueAt, unquotedMustacheAt, unquotedTagAt, valueAt } from "./yaml-traps.js";

/** Bounds of a runbook; a file beyond them gives a diagnostic before it costs memory or stack. */
export const maximumCharacters = 4 * 1024 * 1024;

/** A YAML file that was read: its root map, and what its syntax has against it. */
export interface ParsedYaml {
  /** null when nothing beyond the diagnostics can be said. */
  readonly root: YAMLMap | null;
  /** The file up to the line on which YAML lost its way, instead of a root; null: it did not, or not even that can be read. */
  readonly beginning: { readonly root: YAMLMap; readonly end: number } | null;
  readonly diagnostics: readonly Diagnostic[];
  /** Whether a place was not understood: what else is found there is a consequence. */
  isBroken(place: Place): boolean;
}

/**
 * Parses YAML 1.2, core schema, one document, at most 4 MiB and 64 levels deep. Never throws. A value that YAML cannot read
 * without quotes is reported and then read as a filler of the same length, so that the rest of the file is checked as well.
 */
export function parseYaml(source: Source, expected: string): ParsedYaml {
  const diagnostics: Diagnostic[] = [];
  const brokenLines = new Set<number>();
  const fillers: WrittenValue[] = [];
  const inFiller = (start: number, end: number) => fillers.some((one) => start < one.end && end >= one.start);
  const isBroken = ({ start, end }: Place) => brokenLines.has(start.line) || inFiller(start.offset, end.offset);
  const refuse = (code: string, message: string, start = 0, end = start, hint?: string): ParsedYaml => {
    diagnostics.push({ severity: "error", code, message, place: source.place(start, end), ...(hint && { hint }) });
    return { root: null, beginning: null, diagnostics, isBroken };
  };
  if (source.text.length > maximumCharacters) {
    return refuse("too-large", `expected at most ${maximumCharacters} characters, found ${source.text.length}`);
  }
  const control = controlCharacter.exec(source.text);
  if (control !== null) {
    const code = control[0].charCodeAt(0).toString(16).padStart(4, "0");
    const message = `expected printable text, found the control character U+${code.toUpperCase()}`;
    const hint = `in double quotes it is written as an escape: "\\u${code}"`;
    return refuse("control-character", message, control.index, control.index + 1, hint);
  }
  let { text } = source;
  for (let round = 0; ; round++) {
    const composed = compose(text);
    if ("tooDeepAt" in composed) {
      const at = composed.tooDeepAt;
      return refuse("too-deep", `expected at most ${maximumDepth} levels of nesting, found more`, at, at + 1);
    }
    const [document, second] = composed.documents;
    const faults = firstOfLines(document, source).filter(({ pos }) => !isBroken(source.place(pos[0], pos[1])));
    let repaired = text;
    for (const fault of faults) {
      diagnostics.push(explain(fault, source));
      const value = round < maximumRepairs && isCuredByQuotes(fault, source) ? valueAt(source, fault.pos[0]) : null;
      if (value === null) brokenLines.add(source.line(fault.pos[0]));
      else {
        fillers.push(value);
        repaired = `${repaired.slice(0, value.start)}${"x".repeat(value.end - value.start)}${repaired.slice(value.end)}`;
      }
    }
    if (repaired !== text) {
      text = repaired;
      continue;
    }
    checkDocuments(document, second, source, refuse);
    const contents = document?.contents ?? null;
    if (isMap(contents)) {
      const lostAt = derailedAt(document, source);
      if (lostAt === null) return { root: contents, beginning: null, diagnostics, isBroken };
      return { root: null, beginning: { root: contents, end: lostAt }, diagnostics, isBroken };
    }
    if (diagnostics.length > 0) return { root: null, beginning: null, diagnostics, isBroken };
    return refuse("not-a-map", `expected ${expected}, found ${whatItIs(contents)}`);
  }
}

/** A file with more broken lines than this is not worth reading to its end. */
const maximumRepairs = 32;

/** Control characters other than tabs and line ends, and what is no character at all. */
const controlCharacter = /\p{Cc}(?<![\t\n\r])|[\uFFFE\uFFFF]/u;

/** What stands in place of a map. */
function whatItIs(contents: ParsedNode | null): string {
  if (contents === null || (isScalar(contents) && contents.value === null)) return "an empty file";
  return isSeq(contents) ? "a list" : "a text";
}

/** After these the rest of the file is read as something other than was meant. */
const harmless: ReadonlySet<string> = new Set(["BAD_DQ_ESCAPE", "BAD_SCALAR_START", "BLOCK_AS_IMPLICIT_KEY"]);

/** Where the line begins of the first mistake after which nothing can be relied on; null: there is none. */
function derailedAt(document: Document.Parsed | undefined, source: Source): number | null {
  const errors = document?.errors.filter((error) => !harmless.has(error.code)) ?? [];
  if (errors.length === 0) return document === undefined ? 0 : null;
  const first = Math.min(...errors.map((error) => openedAt(error, source.text)));
  return source.text.lastIndexOf("\n", first - 1) + 1;
}

/** One mistake makes several messages on its line, and others where YAML then takes the document to be at its end. */
function firstOfLines(document: Document.Parsed | undefined, source: Source): readonly YAMLError[] {
  const byLine = new Map<number, YAMLError>();
  for (const fault of [...(document?.errors ?? []), ...(document?.warnings ?? [])]) {
    // Tags are found, with the text that they hide, by looking at the nodes.
    if (fault.code === "TAG_RESOLVE_FAILED") continue;
    if (byLine.size > 0 && / token in YAML stream/.test(fault.message)) continue;
    const line = source.line(fault.pos[0]);
    if (!byLine.has(line)) byLine.set(line, fault);
  }
  return [...byLine.values()];
}

type Refuse = (code: string, message: string, start?: number, end?: number, hint?: string) => unknown;

function checkDocuments(
  document: Document.Parsed | undefined,
  second: Document.Parsed | undefined,
  source: Source,
  refuse: Refuse,
): void {
  const version = document?.directives?.yaml;
  if (version?.explicit === true && version.version !== "1.2") {
    const start = source.text.indexOf("%YAML");
    const message = `expected YAML 1.2, found a directive for ${version.version}`;
    refuse("yaml-version", message, start, start + "%YAML 1.1".length, "remove the directive");
  }
  if (second !== undefined) {
    const marker = source.text.indexOf("---", document?.range?.[1] ?? 0);
    // Without a marker the second begins after the `...` that ends the first.
    const start = marker === -1 ? (second.contents?.range?.[0] ?? second.range[0]) : marker;
    refuse("several-documents", "expected one document, found another", start, start + 3, "a file for each");
  }
}

function explain(error: YAMLError, source: Source): Diagnostic {
  const [from, to] = error.pos;
  const trapped = unquotedMustacheAt(source, from) ?? unquotedTagAt(source, from);
  if (trapped !== null) return trapped;
  const start = openedAt(error, source.text);
  const place = source.place(start, Math.max(start === from ? to : start + 1, start + 1));
  const quotes = isCuredByQuotes(error, source) ? quotedValueAt(source, start) : null;
  const hint = commentWithin(error, source, start) ?? (quotes === null ? hints[error.code] : `quote it: ${quotes}`);
  return {
    severity: "error",
    code: "yaml",
    message: `not YAML: ${sentence(error.message)}`,
    place,
    ...(hint && { hint }),
  };
}

function sentence(message: string): string {
  const missing = /^Missing closing (.)quote$/.exec(message)?.[1];
  if (missing !== undefined) return `the closing ${missing} of this text is missing`;
  const bracket = /sufficiently indented and end with a ([\]}])$/.exec(message)?.[1];
  if (bracket !== undefined) return `the closing ${bracket} of this ${bracket === "]" ? "list" : "map"} is missing`;
  if (message === blockInFlow) return "the colon makes a key of this, before which a comma is missing";
  return message.charAt(0).toLowerCase() + message.slice(1);
}

const blockInFlow = "Block collections are not allowed within flow collections";

/** Where that begins which nothing closes, a quoted text or a bracket: the parser tells where it gave up, at the end of the file. */
function openedAt({ message, pos: [from] }: YAMLError, text: string): number {
  const quote = message.startsWith("Missing closing");
  if (!quote && !message.includes("sufficiently indented and end with a")) return from;
  const brackets: number[] = [];
  let quoted = from;
  let offset = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme.startsWith('"') || lexeme.startsWith("'")) quoted = offset;
    if (lexeme === "[" || lexeme === "{") brackets.push(offset);
    if (lexeme === "]" || lexeme === "}") brackets.pop();
    // These mark what follows and are no text of the file.
    if (!/^[\u0002\u0018\u001f]$/.test(lexeme)) offset += lexeme.length;
  }
  return quote ? quoted : (brackets.at(-1) ?? from);
}

/** What to do where nothing closes a list or a map whose line ends as a comment: it may be the comment that has the bracket. */
function commentWithin({ message }: YAMLError, source: Source, start: number): string | null {
  if (!message.includes("sufficiently indented and end with a")) return null;
  const lineEnd = source.text.indexOf("\n", start);
  const comment = / #.*[\]}]/.exec(source.text.slice(start, lineEnd === -1 ? undefined : lineEnd))?.[0];
  return comment === undefined ? null : `YAML reads${comment} as a comment: quote the text that has the #`;
}

const isCuredByQuotes = ({ code, message, pos }: YAMLError, source: Source): boolean =>
  unquotedTagAt(source, pos[0]) !== null ||
  ["BLOCK_AS_IMPLICIT_KEY", "BLOCK_IN_FLOW", "BAD_SCALAR_START", "UNEXPECTED_TOKEN"].includes(code) ||
  message.includes("between flow");

const hints: { readonly [code: string]: string } = {
  TAB_AS_INDENT: "indent with spaces",
  MULTILINE_IMPLICIT_KEY: "quote the value, or indent the lines that follow it",
  BAD_DQ_ESCAPE: "in single quotes a backslash is a backslash",
};
