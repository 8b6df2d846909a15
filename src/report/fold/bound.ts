import type { Block } from "../../model/block.js";
import type { EvidenceRef } from "../../model/evidence.js";
import type { ReportBlock } from "../../model/report-step.js";

/** How much of a step's texts a report holds, in characters; the whole is in the evidence. */
export const shown = { head: 64 * 1024, tail: 32 * 1024, rows: 2000, frames: 200 } as const;

/** A block for the report: named, bounded, with the evidence of the stream it shows. */
export function bound(block: Block, anchor: string, streams: ReadonlyMap<string, EvidenceRef>): ReportBlock {
  switch (block.type) {
    case "text":
    case "diff":
      return { anchor, type: block.type, text: clipped(block.text) };
    case "code":
      return { anchor, type: "code", language: block.language, text: clipped(block.text), title: block.title ?? null };
    case "output": {
      const evidence = block.evidence ?? streams.get(block.title) ?? null;
      return { anchor, type: "output", title: block.title, ...bothEnds(block), evidence };
    }
    case "table": {
      const omitted_rows = (block.omittedRows ?? 0) + Math.max(0, block.rows.length - shown.rows);
      const rows = block.rows.slice(0, shown.rows);
      return { anchor, type: "table", title: block.title ?? null, columns: block.columns, rows, omitted_rows };
    }
    case "facts":
      return {
        anchor,
        type: "facts",
        facts: block.facts.map(({ label, value }) => ({ label, value: clipped(value) })),
      };
    case "session": {
      const turns = block.turns.map(({ input, output }) => ({ input, output: clipped(output) }));
      return { anchor, type: "session", prompt: `${block.prompt.trimEnd()} `, turns };
    }
    case "stack": {
      const frames = block.frames.slice(0, shown.frames).map((frame) => ({
        function: frame.function,
        file: frame.file,
        line: frame.line,
        marked: frame.marked ?? false,
      }));
      const omitted_frames = block.frames.length - frames.length;
      return { anchor, type: "stack", title: block.title, frames, omitted_frames, folded: block.folded ?? false };
    }
    default:
      return block satisfies never;
  }
}

function bothEnds(block: Extract<Block, { type: "output" }>): { head: string; tail: string; omitted_bytes: number } {
  const { head, tail, omittedBytes } = block;
  if (tail === "" && head.length <= shown.head + shown.tail) return { head, tail, omitted_bytes: omittedBytes };
  const first = upToLine(head, shown.head);
  const rest = tail === "" ? head.slice(first.length) : tail;
  const last = fromLine(rest, shown.tail);
  const left =
    tail === ""
      ? rest.slice(0, rest.length - last.length)
      : `${head.slice(first.length)}${rest.slice(0, rest.length - last.length)}`;
  return { head: first, tail: last, omitted_bytes: omittedBytes + Buffer.byteLength(left) };
}

/** The beginning of a text up to a limit, ending with a whole line where one ends in its second half. */
export function upToLine(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const end = text.lastIndexOf("\n", limit);
  return text.slice(0, end > limit / 2 ? end + 1 : limit);
}

/** The end of a text, beginning with a whole line where one begins in its first half. */
export function fromLine(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const start = text.indexOf("\n", text.length - limit - 1);
  return text.slice(start !== -1 && text.length - start > limit / 2 ? start + 1 : text.length - limit);
}

function clipped(text: string): string {
  if (text.length <= shown.head + shown.tail) return text;
  const head = upToLine(text, shown.head);
  return `${head}\n… ${text.length - head.length} more characters`;
}
