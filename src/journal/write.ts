import { hash } from "node:crypto";
import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Event, EventBody } from "../model/event.js";
import { syncFolder } from "../util/sync-folder.js";
import { journalFile } from "./case-folder.js";
import { parseEvent } from "./read.js";

export const genesis = "0".repeat(64);

/** Bytes kept free beside the journal, so that on a full disk the undoing and the end can still be written. */
const reserveBytes = 512 * 1024;

export const reserveOf = (folder: string): string => join(folder, ".reserve");

/**
 * The journal of one case, open for appending. Each event is one line and one synchronous write, which has returned when `append`
 * returns; lines are chained by `prev`, the SHA-256 of the line before.
 */
export class Journal {
  readonly #descriptor: number;
  readonly #reserve: string;
  readonly #now: () => Date;
  #seq: number;
  #head: string;
  /** Bytes up to the end of the last line. */
  #end: number;
  #full = false;
  /** A part of a line could not be taken back: nothing may follow it. */
  #torn: unknown = null;
  /** Folders whose names have not reached the disk. */
  readonly #unsynced: string[] = [];

  private constructor(descriptor: number, reserve: string, now: () => Date, seq: number, head: string) {
    this.#descriptor = descriptor;
    this.#reserve = reserve;
    this.#now = now;
    this.#seq = seq;
    this.#head = head;
    this.#end = fstatSync(descriptor).size;
  }

  /** A new journal in a new case folder. Throws a node system error, `EEXIST` where there is one already. */
  static create(folder: string, now: () => Date): Journal {
    const descriptor = openSync(join(folder, journalFile), "ax", 0o600);
    const reserve = reserveOf(folder);
    writeFileSync(reserve, Buffer.alloc(reserveBytes), { mode: 0o600 });
    const journal = new Journal(descriptor, reserve, now, 0, genesis);
    journal.#unsynced.push(folder, dirname(folder));
    return journal;
  }

  /**
   * The journal of a case that has ended or died, for appending: what follows its last event, a line torn by a crash, is cut. The
   * caller holds the case's lock.
   */
  static reopen(folder: string, now: () => Date): Journal {
    const path = join(folder, journalFile);
    const bytes = readFileSync(path);
    const last = lastEvent(bytes);
    if (last.end < bytes.length) truncateSync(path, last.end);
    return new Journal(openSync(path, "a"), reserveOf(folder), now, last.seq, last.head);
  }

  /** True once the disk was full: the run should end. What is appended from then on uses the reserve. */
  get full(): boolean {
    return this.#full;
  }

  /** SHA-256 of the last line. */
  get head(): string {
    return this.#head;
  }

  /** Writes one event and returns it with its envelope. `flush` waits for the disk. Throws a node system error. */
  append(body: EventBody, flush = false): Event {
    const event = { seq: this.#seq + 1, at: this.#now().toISOString(), ...body, prev: this.#head } as Event; // the spread of a union keeps its members
    const line = Buffer.from(`${JSON.stringify(event)}\n`);
    this.#write(line);
    this.#seq = event.seq;
    this.#head = sha256(line.subarray(0, -1));
    if (flush) {
      fdatasyncSync(this.#descriptor);
      // Afterwards, since most file systems have then done so with the file.
      for (const folder of this.#unsynced.splice(0)) syncFolder(folder);
    }
    return event;
  }

  /** Gives the error for which its end may not have reached the disk, or null. */
  close(): Error | null {
    try {
      fdatasyncSync(this.#descriptor);
      return null;
    } catch (error) {
      if (!(error instanceof Error) || (error as NodeJS.ErrnoException).code === undefined) throw error;
      return error;
    } finally {
      closeSync(this.#descriptor);
      this.#release();
    }
  }

  /** Takes back what was written of a line that could not be written whole: what follows would be glued to it. */
  #write(bytes: Buffer): void {
    if (this.#torn !== null) throw this.#torn;
    try {
      this.#writeAll(bytes);
      this.#end += bytes.length;
    } catch (error) {
      try {
        ftruncateSync(this.#descriptor, this.#end);
      } catch {
        this.#torn = error;
      }
      throw error;
    }
  }

  #writeAll(bytes: Buffer): void {
    for (let written = 0; written < bytes.length; ) {
      try {
        written += writeSync(this.#descriptor, bytes, written);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if ((code !== "ENOSPC" && code !== "EDQUOT") || this.#full) throw error;
        this.#full = true;
        this.#release();
      }
    }
  }

  #release(): void {
    try {
      unlinkSync(this.#reserve);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
}

/** Where the last line that is an event ends, its number and its hash. */
function lastEvent(journal: Buffer): { readonly end: number; readonly seq: number; readonly head: string } {
  for (let end = journal.lastIndexOf(0x0a); end !== -1; ) {
    const before = end === 0 ? -1 : journal.lastIndexOf(0x0a, end - 1);
    const line = journal.subarray(before + 1, end);
    const event = parseEvent(line);
    if (event !== null) return { end: end + 1, seq: event.seq, head: sha256(line) };
    end = before;
  }
  return { end: 0, seq: 0, head: genesis };
}

const sha256 = (bytes: Uint8Array): string => hash("sha256", bytes);
