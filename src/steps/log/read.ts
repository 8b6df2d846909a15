import type { EvidenceReader } from "../../model/evidence.js";
import { CutText } from "../../model/value.js";
import { splitLines } from "../../util/lines.js";
import { decodeHead, decodeUtf8 } from "../../util/utf8.js";
import { type Row as PickedRow, rowReader } from "../parse.js";
import { window } from "../window.js";
import type { Logged } from "./collect.js";
import { lineBytes } from "./line-filter.js";
import { journalEntry, lineTime } from "./line-time.js";
import type { LogResult, LogSpec } from "./spec.js";

type Row = LogResult["lines"][number];

/** Masking may make a line longer than it was. */
const readBytes = 2 * lineBytes;

/** The lines as values, those at the two ends if there are very many, with the time that each tells. */
export async function readLog(spec: LogSpec, logged: Logged, evidence: EvidenceReader): Promise<LogResult> {
  const clock = { now: new Date(logged.clock.now), offsetMinutes: logged.clock.offset_minutes };
  const omitted = new Map(logged.cuts.map((cut) => [cut.line, cut.omitted]));
  const kept = window<Row>((row) => row.text.toString().length);
  const picked: PickedRow[] = [];
  const pick = spec.parse === undefined ? null : rowReader(spec.parse);
  let count = 0;
  if (logged.lines !== null) {
    for await (const { bytes, cut } of splitLines(evidence.stream(logged.lines.path), readBytes)) {
      const line = row(bytes, omitted.get(count) ?? (cut ? 1 : 0));
      kept.push(line);
      if (typeof line.text === "string") pick?.(line.text, picked);
      count++;
    }
  }
  const { left, leftSize } = kept;
  const gap: Row = { text: new CutText(`… ${left} lines left out …`, "", leftSize), at: null };
  return {
    lines: left === 0 ? [...kept.first, ...kept.last()] : [...kept.first, gap, ...kept.last()],
    rows: pick === null ? null : picked,
    count,
    searched: logged.searched,
    truncated: left > 0 || logged.cuts.length > 0 || logged.notes.length > 0 || (logged.lines?.truncated ?? false),
    notes: logged.notes,
    from_byte: logged.from?.size ?? null,
  };

  function row(bytes: Uint8Array, missing: number): Row {
    const text = (missing > 0 ? decodeHead(bytes) : decodeUtf8(bytes)).replace(/\r$/, "");
    if (spec.unit !== undefined && missing === 0) return journalEntry(text);
    const at = lineTime(text, clock)?.at ?? null;
    return { text: missing > 0 ? new CutText(text, "", missing) : text, at };
  }
}
