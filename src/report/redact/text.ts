import type { RE2JS } from "../../util/re2.js";

/** What is taken out of reports: what a pattern finds, or a text in each form that it may take, the longest first. */
export interface Redaction {
  readonly kind: string;
  /** What stands there instead. */
  readonly replacement: string;
  readonly pattern: RE2JS | null;
  readonly forms: readonly string[];
}

/** Redacts texts and counts what it replaced. */
export interface TextRedactor {
  text(text: string): string;
  /** Of a text that was cut: also the part of a hidden text that its edge has left. */
  cut(text: string, edge: "end" | "beginning"): string;
  counts(): readonly { readonly kind: string; readonly count: number }[];
}

/** A stretch of a text; what stands in place of something is not looked at again. */
interface Piece {
  readonly text: string;
  readonly done: boolean;
}

type Range = readonly [start: number, end: number];

/** Less of a text than this, at the edge of a cut, tells nothing. */
const leastPart = 3;

export function createTextRedactor(redactions: readonly Redaction[]): TextRedactor {
  const counts = new Map(redactions.map(({ kind }) => [kind, 0]));
  const finders = redactions.map((redaction) => ({ redaction, find: finderOf(redaction) }));

  const replace = ({ text }: Piece, { kind, replacement }: Redaction, ranges: readonly Range[]): readonly Piece[] => {
    const pieces: Piece[] = [];
    let at = 0;
    for (const [start, end] of ranges) {
      pieces.push({ text: text.slice(at, start), done: false }, { text: replacement, done: true });
      at = end;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    return [...pieces, { text: text.slice(at), done: false }];
  };

  const redact = (text: string): readonly Piece[] => {
    let pieces: readonly Piece[] = [{ text, done: false }];
    for (const { redaction, find } of finders) {
      pieces = pieces.flatMap((piece) => {
        const ranges = piece.done || piece.text === "" ? [] : find(piece.text);
        return ranges.length === 0 ? [piece] : replace(piece, redaction, ranges);
      });
    }
    return pieces;
  };

  /** The length of the longest part of a hidden text with which a text ends, or begins. */
  const partAt = (
    text: string,
    edge: "end" | "beginning",
  ): { readonly redaction: Redaction; readonly length: number } | null => {
    let best: { readonly redaction: Redaction; readonly length: number } | null = null;
    for (const { redaction } of finders) {
      for (const form of redaction.forms) {
        for (let length = form.length - 1; length >= leastPart && length > (best?.length ?? 0); length--) {
          const fits = edge === "end" ? text.endsWith(form.slice(0, length)) : text.startsWith(form.slice(-length));
          if (fits) best = { redaction, length };
        }
      }
    }
    return best;
  };

  const joined = (pieces: readonly Piece[]): string => pieces.map((piece) => piece.text).join("");
  return {
    text: (text) => joined(redact(text)),
    cut(text, edge) {
      const pieces = redact(text);
      const last = edge === "end" ? pieces.at(-1) : pieces[0];
      const part = last === undefined || last.done ? null : partAt(last.text, edge);
      if (last === undefined || part === null) return joined(pieces);
      counts.set(part.redaction.kind, (counts.get(part.redaction.kind) ?? 0) + 1);
      return edge === "end"
        ? `${joined(pieces.slice(0, -1))}${last.text.slice(0, -part.length)}${part.redaction.replacement}`
        : `${part.redaction.replacement}${last.text.slice(part.length)}${joined(pieces.slice(1))}`;
    },
    counts: () => [...counts].map(([kind, count]) => ({ kind, count })),
  };
}

function finderOf({ pattern, forms }: Redaction): (text: string) => readonly Range[] {
  if (pattern === null) return (text) => rangesOfForms(text, forms);
  return (text) => {
    const ranges: Range[] = [];
    const matcher = pattern.matcher(text);
    while (matcher.find()) if (matcher.end() > matcher.start()) ranges.push([matcher.start(), matcher.end()]);
    return ranges;
  };
}

/** The leftmost form, of those the longest, then on behind it. */
function rangesOfForms(text: string, forms: readonly string[]): readonly Range[] {
  const ranges: Range[] = [];
  for (let at = 0; ; ) {
    let best: Range | null = null;
    for (const form of forms) {
      const start = text.indexOf(form, at);
      if (start !== -1 && (best === null || start < best[0])) best = [start, start + form.length];
    }
    if (best === null) return ranges;
    ranges.push(best);
    at = best[1];
  }
}
