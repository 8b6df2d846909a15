import type { Block } from "../model/block.js";
import type { EvidenceReader, EvidenceRef } from "../model/evidence.js";
import { CutText } from "../model/value.js";
import { decodeHead, decodeTail, decodeUtf8 } from "../util/utf8.js";

/** A captured text up to this size is held whole in a result. */
export const wholeBytes = 1024 * 1024;

/** Of a larger one, this much of the beginning and of the end. */
const partBytes = 32 * 1024;

/** A captured stream as a result holds it: text without its final newline; longer than 1 MiB, or cut, its two ends. */
export async function readText(ref: EvidenceRef | null, evidence: EvidenceReader): Promise<string | CutText> {
  if (ref === null) return "";
  if (ref.bytes <= wholeBytes && !ref.truncated) {
    return withoutFinalNewline(decodeUtf8(await evidence.head(ref.path, ref.bytes)));
  }
  const head = await evidence.head(ref.path, Math.min(partBytes, ref.bytes));
  const tail = await evidence.tail(ref.path, Math.min(partBytes, ref.bytes - head.length));
  return new CutText(decodeHead(head), withoutFinalNewline(decodeTail(tail)), ref.bytes - head.length - tail.length);
}

/** Whether a part of one of these was left out. */
export const isCut = (...texts: readonly (string | CutText)[]): boolean =>
  texts.some((text) => text instanceof CutText);

const withoutFinalNewline = (text: string): string => (text.endsWith("\n") ? text.slice(0, -1) : text);

/** The last line that is not blank, shortened: for messages. */
export function lastLine(text: string | CutText): string {
  const end = text instanceof CutText ? text.tail : text;
  const line = end.split("\n").findLast((candidate) => candidate.trim() !== "") ?? "";
  const short = line.trim();
  return short.length > 300 ? `${short.slice(0, 300)}…` : short;
}

/** How a stream is shown; nothing for an empty one. The report adds the evidence by the stream's name. */
export function outputBlock(stream: string, text: string | CutText): readonly Block[] {
  if (text === "") return [];
  const shown = { type: "output", title: stream, evidence: null } as const;
  if (text instanceof CutText) return [{ ...shown, head: text.head, tail: text.tail, omittedBytes: text.omittedBytes }];
  return [{ ...shown, head: text, tail: "", omittedBytes: 0 }];
}
