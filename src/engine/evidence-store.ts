import { createHash, type Hash } from "node:crypto";
import {
  closeSync,
  createReadStream,
  fstatSync,
  openSync,
  readSync,
  statfsSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { Evidence, EvidenceReader, EvidenceRef } from "../model/evidence.js";
import { sha256OfFile } from "../util/sha256-file.js";
import type { Masker, MaskStream } from "./mask.js";

/** When a stream is cut off: it is larger than this, or it is large and the disk has hardly anything left. */
export interface EvidenceLimits {
  readonly maxBytesPerStream: number;
  readonly freeSpaceFloor: number;
}

const defaults: EvidenceLimits = { maxBytesPerStream: 4 * 1024 ** 3, freeSpaceFloor: 64 * 1024 ** 2 };

/** How often files that a child writes directly are looked at, in milliseconds. */
const pollMilliseconds = 200;

/** How files come and go. */
interface Files {
  /** Gives the descriptor of a new file, open for appending, with mode 0600. Throws a node system error. */
  open(path: string): number;
  /** Removes a file that stayed empty, now or a little later. */
  remove(path: string): void;
}

const plainFiles: Files = { open: (path) => openSync(path, "ax", 0o600), remove: unlinkSync };

/** What a stream tells while it is open. */
export interface EvidenceEvents {
  /** The stream has ended and holds something. */
  readonly close: (ref: EvidenceRef) => void;
  /** Bytes are being dropped from now on, with the reason: end what writes them. Called once. */
  readonly cut: (why: string) => void;
}

export interface EvidenceStore extends EvidenceReader {
  /** A new stream; the same name again gets `-2`. The file has mode 0600 and is gone again when no byte came. */
  open(fileName: string, on: EvidenceEvents): Evidence;
}

/**
 * The `evidence/` folder of a case.
 *
 * @param options.files what makes and removes its files
 */
export function createEvidenceStore(
  folder: string,
  masker: Masker,
  { files = plainFiles, ...limits }: Partial<EvidenceLimits> & { readonly files?: Files } = {},
): EvidenceStore {
  const used = new Map<string, number>();
  const bounds = { ...defaults, ...limits };
  return {
    open(fileName, on) {
      const clean = fileName.replace(/[^\w.-]+/g, "_").replace(/^\.+/, "_");
      const count = (used.get(clean) ?? 0) + 1;
      used.set(clean, count);
      const path = `evidence/${count === 1 ? clean : `${clean}-${count}`}`;
      const file = join(folder, path);
      return new EvidenceFile(clean, file, files, path, masker, bounds, on);
    },
    head: async (path, limit) => readPart(inside(folder, path), 0, limit),
    tail: async (path, limit) => {
      const file = inside(folder, path);
      return readPart(file, Math.max(0, statSync(file).size - limit), limit);
    },
    stream: (path) => createReadStream(inside(folder, path), { highWaterMark: 256 * 1024 }),
  };
}

/** A journal may come from anywhere: its paths must not lead out of the case. */
function inside(folder: string, path: string): string {
  if (!/^evidence\/[\w.-]+$/.test(path)) throw new Error(`${path} is not a file of the case's evidence`);
  return join(folder, path);
}

/** Synchronous, since most parts are small and a step waits for them. */
function readPart(file: string, from: number, limit: number): Uint8Array {
  const descriptor = openSync(file, "r");
  try {
    const part = Buffer.alloc(Math.max(0, Math.min(limit, fstatSync(descriptor).size - from)));
    return part.subarray(0, readSync(descriptor, part, 0, part.length, from));
  } finally {
    closeSync(descriptor);
  }
}

class EvidenceFile implements Evidence {
  readonly directFile: string | null;
  readonly #mask: MaskStream;
  /** Of what was written here, not by a child; most streams have nothing of it. */
  #hash: Hash | null = null;
  /** null: there is no file, and all bytes are dropped. */
  readonly #descriptor: number | null;
  readonly #watch: NodeJS.Timeout | null;
  #written = 0;
  #why: string | null = null;
  #ended = false;
  #closed: Promise<EvidenceRef | null> | null = null;

  constructor(
    readonly name: string,
    private readonly file: string,
    private readonly files: Files,
    private readonly path: string,
    masker: Masker,
    private readonly limits: EvidenceLimits,
    private readonly on: EvidenceEvents,
  ) {
    this.#mask = masker.stream();
    this.#descriptor = this.#orCut("made", () => files.open(file));
    this.directFile = masker.active || this.#descriptor === null ? null : file;
    this.#watch = this.directFile === null ? null : setInterval(() => this.#check(), pollMilliseconds);
    this.#watch?.unref();
  }

  readonly bytes = (): number => (this.#ended ? this.#written : this.#size());

  readonly cut = (): string | null => this.#why;

  write(chunk: Uint8Array): void {
    // A process that nothing could end may still print when its step is over, and what is hashed stays as it is.
    if (this.#ended) return;
    this.#append(this.#mask.push(chunk));
    if (this.#written % checkEvery < chunk.length) this.#check();
  }

  close(): Promise<EvidenceRef | null> {
    this.#closed ??= this.#finish();
    return this.#closed;
  }

  #append(bytes: Uint8Array): void {
    const descriptor = this.#descriptor;
    for (let from = 0; descriptor !== null && from < bytes.length && this.#why === null; ) {
      const count = this.#orCut("written any further", () => writeSync(descriptor, bytes, from));
      if (count === null) return;
      this.#hash ??= createHash("sha256");
      this.#hash.update(bytes.subarray(from, from + count));
      this.#written += count;
      from += count;
    }
  }

  /** Whatever the system says to evidence, the run goes on without it: null, and the stream is cut. */
  #orCut<T>(done: string, work: () => T): T | null {
    try {
      return work();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      this.#end(`${this.path} could not be ${done} (${code})`);
      return null;
    }
  }

  #size(): number {
    const descriptor = this.#descriptor;
    const found = descriptor === null ? null : this.#orCut("looked at", () => fstatSync(descriptor).size);
    return found ?? this.#written;
  }

  /** In hex, of what a child wrote by itself; null when that is gone. */
  async #hashOfFile(): Promise<string | null> {
    try {
      return await sha256OfFile(this.file, this.#written);
    } catch (error) {
      this.#orCut("read again", () => {
        throw error;
      });
      return null;
    }
  }

  /** A stream must not grow for ever: what writes it is told to end. */
  #check(): void {
    const size = this.#size();
    const { maxBytesPerStream, freeSpaceFloor } = this.limits;
    if (size > maxBytesPerStream) this.#end(`${this.path} grew beyond ${maxBytesPerStream} bytes`);
    else if (size > freeSpaceFloor / 4 && freeBytes(this.file) < freeSpaceFloor) {
      this.#end(`the disk that holds ${this.path} has less than ${freeSpaceFloor} bytes free`);
    }
  }

  #end(why: string): void {
    if (this.#why !== null) return;
    this.#why = why;
    this.on.cut(why);
  }

  async #finish(): Promise<EvidenceRef | null> {
    if (this.#watch !== null) clearInterval(this.#watch);
    if (this.#hash === null) this.#written = this.#size();
    // What a child writes by itself fails in the child when the disk is full, and is not told here.
    if (this.directFile !== null && freeBytes(this.file) < fullBytes)
      this.#end(`the disk that holds ${this.path} is full`);
    else this.#append(this.#mask.end());
    this.#ended = true;
    const descriptor = this.#descriptor;
    if (descriptor === null) return null;
    this.#orCut("closed", () => closeSync(descriptor));
    if (this.#written === 0) {
      this.#orCut("removed", () => this.files.remove(this.file));
      return null;
    }
    const sha256 = this.#hash?.digest("hex") ?? (await this.#hashOfFile());
    if (sha256 === null) return null;
    const cut = this.#why === null ? { truncated: false } : { truncated: true, why: this.#why };
    const ref = { path: this.path, sha256, bytes: this.#written, ...cut };
    this.on.close(ref);
    return ref;
  }
}

/** With less than this free, what was written last may lack its end. */
const fullBytes = 4 * 1024;

const checkEvery = 16 * 1024 * 1024;

function freeBytes(file: string): number {
  try {
    const { blocks, bavail, bsize } = statfsSync(file);
    // A file system without a size of its own (tmpfs may have none) has no blocks at all.
    return blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return Number.POSITIVE_INFINITY; // nobody knows of an end
  }
}
