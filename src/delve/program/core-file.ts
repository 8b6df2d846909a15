import { StepFailure } from "../../model/step-kind.js";
import type { Target } from "../../model/target.js";
import { readRange } from "./read-range.js";

/** ELF: a core file, a segment of notes, and the note that lists mapped files. core(5), elf(5), linux/elfcore.h. */
const coreType = 4;
const noteSegment = 4;
const fileNote = 0x46494c45;

/** Of the notes this much is read; they hold registers for each thread. */
const noteBytes = 1024 * 1024;

/**
 * The executable that a core file names: the first of the files that the program had mapped.
 * @throws StepFailure when it is no core file, or names none
 */
export async function programOfCore(target: Target, path: string, signal: AbortSignal): Promise<string> {
  const header = await readRange(target, path, 0, 64, signal);
  const isElf = header.length === 64 && header.subarray(0, 4).toString("latin1") === "\x7fELF";
  if (!isElf || header.readUInt16LE(16) !== coreType) {
    throw new StepFailure(`expected a core file, but ${path} is ${isElf ? "an ELF file of another type" : "none"}`);
  }
  const offset = Number(header.readBigUInt64LE(32));
  const entrySize = header.readUInt16LE(54);
  const segments = await readRange(target, path, offset, entrySize * header.readUInt16LE(56), signal);
  for (let at = 0; at + entrySize <= segments.length; at += entrySize) {
    if (segments.readUInt32LE(at) !== noteSegment) continue;
    const size = Math.min(noteBytes, Number(segments.readBigUInt64LE(at + 32)));
    const found = firstFile(await readRange(target, path, Number(segments.readBigUInt64LE(at + 8)), size, signal));
    if (found !== null) return found;
  }
  throw new StepFailure(`the core file ${path} does not say which program it is of`, {
    remedy: "name the executable with `program`",
  });
}

const padded = (length: number): number => (length + 3) & ~3;

/** Notes are three lengths, a name and a description, padded to four bytes. */
function firstFile(notes: Buffer): string | null {
  for (let at = 0; at + 12 <= notes.length; ) {
    const nameLength = notes.readUInt32LE(at);
    const length = notes.readUInt32LE(at + 4);
    const start = at + 12 + padded(nameLength);
    if (notes.readUInt32LE(at + 8) === fileNote) return fileNames(notes.subarray(start, start + length))[0] ?? null;
    at = start + padded(length);
  }
  return null;
}

/** Count and page size, three numbers for each mapping, then the names, each with a NUL behind it. */
function fileNames(note: Buffer): readonly string[] {
  if (note.length < 16) return [];
  const count = Number(note.readBigUInt64LE(0));
  return note
    .subarray(16 + 24 * count)
    .toString("utf8")
    .split("\0")
    .slice(0, count);
}
