import { StepFailure } from "../../model/step-kind.js";
import type { Target } from "../../model/target.js";
import { readRange } from "./read-range.js";

/** ELF: a core file, segments of notes and of memory, and the note that lists mapped files. core(5), elf(5), linux/elfcore.h. */
const coreType = 4;
const noteSegment = 4;
const memorySegment = 1;
const fileNote = 0x46494c45;

/** Of the notes this much is read; they hold registers for each thread. */
const noteBytes = 1024 * 1024;

/** Of an executable this much is mapped and written into a core at least; it holds what tells one build from another. */
const firstPage = 4096;

/** What a core file tells about the program that it is of. */
export interface CoreFile {
  /** The executable: the first of the files that the program had mapped; null: it is not said. */
  readonly program: string | null;
  /** The first bytes of the executable that ran; empty where the core does not hold them. */
  readonly beginning: Buffer;
}

/** @throws StepFailure when it is no core file, or only a part of one */
export async function readCore(target: Target, path: string, signal: AbortSignal): Promise<CoreFile> {
  const read = (offset: number, length: number) => readRange(target, path, offset, length, signal);
  const header = await read(0, 64);
  const isElf = header.length === 64 && header.subarray(0, 4).toString("latin1") === "\x7fELF";
  if (!isElf || header.readUInt16LE(16) !== coreType) {
    throw new StepFailure(`expected a core file, but ${path} is ${isElf ? "an ELF file of another type" : "none"}`);
  }
  const entrySize = header.readUInt16LE(54);
  const size = entrySize * header.readUInt16LE(56);
  const table = await read(Number(header.readBigUInt64LE(32)), size);
  if (table.length < size) throw cut(path);
  const segments = Array.from({ length: entrySize === 0 ? 0 : size / entrySize }, (_, index) => {
    const fields = table.subarray(index * entrySize, (index + 1) * entrySize);
    const number = (at: number): number => Number(fields.readBigUInt64LE(at));
    return { type: fields.readUInt32LE(0), offset: number(8), address: number(16), bytes: number(32) };
  });
  for (const { offset, bytes } of segments.filter(({ type }) => type === noteSegment)) {
    const length = Math.min(noteBytes, bytes);
    const notes = await read(offset, length);
    if (notes.length < length) throw cut(path);
    const first = firstFile(notes);
    if (first === null) continue;
    const memory = segments.find(({ type, address }) => type === memorySegment && address === first.address);
    const beginning =
      memory === undefined ? Buffer.alloc(0) : await read(memory.offset, Math.min(firstPage, memory.bytes));
    return { program: first.path, beginning };
  }
  return { program: null, beginning: Buffer.alloc(0) };
}

const cut = (path: string): StepFailure =>
  new StepFailure(`expected a whole core file, but ${path} is cut`, {
    remedy: "let the program write it where there is room enough, without a limit (ulimit -c unlimited)",
  });

const padded = (length: number): number => (length + 3) & ~3;

interface MappedFile {
  readonly path: string;
  readonly address: number;
}

/** Notes are three lengths, a name and a description, padded to four bytes. */
function firstFile(notes: Buffer): MappedFile | null {
  for (let at = 0; at + 12 <= notes.length; ) {
    const nameLength = notes.readUInt32LE(at);
    const length = notes.readUInt32LE(at + 4);
    const start = at + 12 + padded(nameLength);
    if (notes.readUInt32LE(at + 8) === fileNote) return firstOf(notes.subarray(start, start + length));
    at = start + padded(length);
  }
  return null;
}

/** Count and page size, three numbers for each mapping (begin, end, place in the file), then the names, each with a NUL behind it. */
function firstOf(note: Buffer): MappedFile | null {
  if (note.length < 40) return null;
  const count = Number(note.readBigUInt64LE(0));
  const [path = ""] = note
    .subarray(16 + 24 * count)
    .toString("utf8")
    .split("\0");
  return path === "" ? null : { path, address: Number(note.readBigUInt64LE(16)) };
}
