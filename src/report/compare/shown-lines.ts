import type { EvidenceReader } from "../../model/evidence.js";
import type { ReportBlock } from "../../model/report-step.js";
import { decodeUtf8 } from "../../util/utf8.js";
import { isPassing, type Steady } from "./passing.js";

/** Of a captured stream at most this much is compared. */
const comparedBytes = 2 * 1024 * 1024;

/** One side's reading of a case. */
export interface Side {
  readonly evidence: EvidenceReader;
  readonly steady: Steady;
  /** What passes with the run is compared as well. */
  readonly all: boolean;
}

/** Lines to compare, and why they are not all there are; null: they are. */
export interface ShownLines {
  readonly lines: readonly string[];
  readonly note: string | null;
}

/** What a block shows, as lines to compare. */
export async function linesOfBlock(block: ReportBlock, side: Side): Promise<ShownLines> {
  const { text, note } = block.type === "output" ? await outputOf(block, side.evidence) : { text: null, note: null };
  const lines = text === null ? shownBy(block, side) : linesOf(text);
  return { lines: lines.map(side.steady.text), note };
}

function shownBy(block: ReportBlock, side: Side): readonly string[] {
  const keep = (name: string, isColumn = false): boolean => side.all || !isPassing(name, isColumn);
  switch (block.type) {
    case "text":
    case "code":
    case "diff":
      return linesOf(block.text);
    case "output":
      return linesOf(block.head + block.tail);
    case "table":
      return block.rows.map((row) => row.filter((_, index) => keep(block.columns[index] ?? "", true)).join("  "));
    case "facts":
      return block.facts.filter(({ label }) => keep(label)).map(({ label, value }) => `${label}: ${value}`);
    case "session":
      return block.turns.flatMap(({ input, output }) => [`${block.prompt}${input}`, ...linesOf(output)]);
    case "stack":
      return block.frames.map((frame) => `${frame.function} ${frame.file}:${frame.line}`);
    default:
      return block satisfies never;
  }
}

/** The whole stream where the block shows a part of it. Evidence may be gone: then it is that part which is compared. */
async function outputOf(
  { head, tail, omitted_bytes, evidence: ref }: Extract<ReportBlock, { type: "output" }>,
  evidence: EvidenceReader,
): Promise<{ readonly text: string; readonly note: string | null }> {
  if (ref === null || omitted_bytes === 0) return { text: `${head}${tail}`, note: null };
  try {
    const text = decodeUtf8(await evidence.head(ref.path, comparedBytes));
    const rest = ref.bytes - comparedBytes;
    return { text, note: rest <= 0 ? null : `${rest} more bytes of ${ref.path} are not compared` };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { text: `${head}${tail}`, note: `${ref.path} cannot be read: ${why}` };
  }
}

const linesOf = (text: string): readonly string[] => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));
