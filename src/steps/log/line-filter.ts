import { compileRe2 } from "../../util/re2.js";
import { decodeUtf8 } from "../../util/utf8.js";
import { type Clock, journalEntry, lineTime } from "./line-time.js";
import type { LogSpec } from "./spec.js";

/** Of a longer line only this much is searched and kept: a file may have no line breaks at all. */
export const lineBytes = 256 * 1024;

export interface FilterOptions {
  readonly spec: Pick<LogSpec, "contains" | "matches" | "unit">;
  /** Lines that say they are older are left out; those that say nothing go with the line before. */
  readonly since: Date | null;
  readonly clock: Clock;
  /** Takes the lines that are wanted, without their newline, and how many bytes of each were cut off. */
  readonly accept: (line: Buffer, omitted: number) => void | Promise<void>;
}

/** Takes bytes of a log as they come, in any pieces, and passes on the lines that are wanted. */
export class LineFilter {
  readonly #options: FilterOptions;
  readonly #matches: (text: string) => boolean;
  readonly #needle: Buffer | null;
  #held: Uint8Array[] = [];
  #size = 0;
  #total = 0;
  #recent: boolean;
  #timed = false;
  #seen = 0;
  /** Lines that are recent enough, wanted or not. */
  searched = 0;
  /** Lines that were cut and did not match in what was kept of them. */
  unsearched = 0;

  constructor(options: FilterOptions) {
    this.#options = options;
    this.#matches = matcher(options.spec.matches);
    this.#needle = options.spec.contains === undefined ? null : Buffer.from(options.spec.contains);
    this.#recent = options.since === null;
  }

  /** Whether there were lines and none of them told its time, so that `since` could not be applied. */
  get untimed(): boolean {
    return this.#options.since !== null && this.#seen > 0 && !this.#timed;
  }

  async write(chunk: Uint8Array): Promise<void> {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      this.#keep(chunk.subarray(from, end));
      await this.#line();
      from = end + 1;
    }
    this.#keep(chunk.subarray(from));
  }

  /** Takes a last line without a newline as a line. */
  async end(): Promise<void> {
    if (this.#total > 0) await this.#line();
  }

  #keep(part: Uint8Array): void {
    if (part.length === 0) return;
    this.#total += part.length;
    const kept = part.subarray(0, Math.max(0, lineBytes - this.#size));
    if (kept.length === 0) return;
    // The chunk's memory may be used again by whoever gave it.
    this.#held.push(Uint8Array.from(kept));
    this.#size += kept.length;
  }

  async #line(): Promise<void> {
    const bytes = Buffer.concat(this.#held);
    const omitted = this.#total - bytes.length;
    this.#held = [];
    this.#size = 0;
    this.#total = 0;
    this.#seen++;
    if (!this.#isRecent(bytes)) return;
    this.searched++;
    if (!this.#isWanted(bytes)) {
      if (omitted > 0) this.unsearched++;
      return;
    }
    await this.#options.accept(bytes, omitted);
  }

  #isRecent(bytes: Buffer): boolean {
    const { since, spec, clock } = this.#options;
    // journalctl leaves out what is older itself.
    if (since === null || spec.unit !== undefined) return true;
    const time = lineTime(decodeUtf8(bytes.subarray(0, 16_384)), clock);
    if (time !== null) {
      this.#timed = true;
      this.#recent = time.at.getTime() + time.resolution > since.getTime();
    }
    return this.#recent;
  }

  #isWanted(bytes: Buffer): boolean {
    const { unit, matches } = this.#options.spec;
    if (unit !== undefined) {
      const { text } = journalEntry(decodeUtf8(bytes));
      return (this.#needle === null || text.includes(this.#needle.toString())) && this.#matches(text);
    }
    if (this.#needle !== null && !bytes.includes(this.#needle)) return false;
    return matches === undefined || this.#matches(decodeUtf8(withoutReturn(bytes)));
  }
}

const withoutReturn = (bytes: Buffer): Buffer => (bytes.at(-1) === 13 ? bytes.subarray(0, -1) : bytes);

function matcher(pattern: string | undefined): (text: string) => boolean {
  if (pattern === undefined) return () => true;
  const compiled = compileRe2(pattern);
  if (!compiled.ok) throw new Error(`a pattern that was checked does not compile: ${compiled.message}`);
  return (text) => compiled.re2.matcher(text).find();
}
