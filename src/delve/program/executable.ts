import { StepFailure } from "../../model/step-kind.js";
import type { Target } from "../../model/target.js";
import { readRange } from "./read-range.js";

/** What an executable file tells about the program in it. */
export interface Executable {
  /** `go1.19.8`; null when it is a Go program that does not say. */
  readonly goVersion: string | null;
  /** Whether it has DWARF debug information. */
  readonly debugInformation: boolean;
}

interface Section {
  readonly name: string;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
}

/**
 * Reads the few bytes of an ELF file that say whether it is a Go program, and of which Go.
 * Formats: elf(5), and https://pkg.go.dev/debug/buildinfo.
 * @param name what the program is called in messages, where that is not its path
 * @throws StepFailure when it is no executable, or not Go's
 */
export async function readExecutable(
  target: Target,
  path: string,
  signal: AbortSignal,
  name: string = path,
): Promise<Executable> {
  const read = (offset: number, length: number) => readRange(target, path, offset, length, signal);
  const header = await read(0, 64);
  if (header.subarray(0, 4).toString("latin1") !== "\x7fELF") {
    const kind = header.subarray(0, 2).toString("latin1") === "#!" ? "a script" : "no ELF file";
    throw new StepFailure(`expected a Go program in ${name}, found ${kind}`, {
      remedy: "name the program itself, not what starts it",
    });
  }
  if (header.length < 64) throw cut(name);
  // Every platform on which Delve runs is 64-bit and little-endian.
  if (header[4] !== 2 || header[5] !== 1) throw notGo(name);
  const sections = await readSections(header, read, name);
  const information = sections.find(({ name }) => name === ".go.buildinfo");
  const goTable = sections.some(({ name }) => name === ".gopclntab" || name === ".data.rel.ro.gopclntab");
  // Without section names nothing is known; Delve has to judge by itself.
  if (information === undefined && !goTable && sections.length > 0) throw notGo(name);
  return {
    goVersion: information === undefined ? null : await readGoVersion(information, sections, read),
    debugInformation: sections.some(({ name }) => name === ".debug_info" || name === ".zdebug_info"),
  };
}

const notGo = (name: string) =>
  new StepFailure(`expected a Go program in ${name}, found one of another language`, {
    remedy: "Delve debugs Go programs only",
  });

const cut = (name: string) =>
  new StepFailure(`expected a Go program in ${name}, found the beginning of one: the file is cut`, {
    remedy: "copy or build it again",
  });

type Read = (offset: number, length: number) => Promise<Buffer>;

async function readSections(header: Buffer, read: Read, name: string): Promise<readonly Section[]> {
  const offset = Number(header.readBigUInt64LE(40));
  const entrySize = header.readUInt16LE(58);
  const count = header.readUInt16LE(60);
  const namesIndex = header.readUInt16LE(62);
  if (offset === 0 || count === 0 || namesIndex >= count) return [];
  const table = await read(offset, entrySize * count);
  if (table.length < entrySize * count) throw cut(name);
  const entry = (index: number) => table.subarray(index * entrySize, (index + 1) * entrySize);
  const namesEntry = entry(namesIndex);
  const names = await read(Number(namesEntry.readBigUInt64LE(24)), Number(namesEntry.readBigUInt64LE(32)));
  return Array.from({ length: count }, (_, index) => {
    const fields = entry(index);
    const start = fields.readUInt32LE(0);
    return {
      name: names.subarray(start, names.indexOf(0, start)).toString("latin1"),
      address: Number(fields.readBigUInt64LE(16)),
      offset: Number(fields.readBigUInt64LE(24)),
      size: Number(fields.readBigUInt64LE(32)),
    };
  });
}

/** Since Go 1.18 the version stands in the section itself; before, two pointers lead to it. */
async function readGoVersion(information: Section, sections: readonly Section[], read: Read): Promise<string | null> {
  const bytes = await read(information.offset, Math.min(information.size, 128));
  if (bytes.length < 33 || bytes.subarray(0, 14).toString("latin1") !== "\xff Go buildinf:") return null;
  if (((bytes[15] ?? 0) & 2) !== 0) {
    const length = bytes[32] ?? 0;
    return bytes.subarray(33, 33 + length).toString("utf8") || null;
  }
  const at = async (address: number, length: number): Promise<Buffer | null> => {
    const section = sections.find((each) => address >= each.address && address + length <= each.address + each.size);
    return section === undefined || section.address === 0
      ? null
      : await read(section.offset + address - section.address, length);
  };
  const text = await at(Number(bytes.readBigUInt64LE(16)), 16);
  if (text === null) return null;
  const found = await at(Number(text.readBigUInt64LE(0)), Math.min(Number(text.readBigUInt64LE(8)), 100));
  return found?.toString("utf8") ?? null;
}
