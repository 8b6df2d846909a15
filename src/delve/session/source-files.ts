import type { Target } from "../../model/target.js";

/** Lines shown above and below the one that matters. */
const around = 5;

/** Above this a file is not source text that a person reads. */
const largestBytes = 4 * 1024 * 1024;

/** Source files on the host, each read once. A program may have been built elsewhere: then there are none. */
export class SourceFiles {
  readonly #target: Target;
  readonly #files = new Map<string, readonly string[] | null>();

  constructor(target: Target) {
    this.#target = target;
  }

  /** The lines around a place as Delve lists them, `=>` at the place; null when the host has no such file. */
  async excerpt(file: string, line: number, signal: AbortSignal): Promise<string | null> {
    const lines = await this.#lines(file, signal);
    if (lines === null || line < 1 || line > lines.length) return null;
    const first = Math.max(1, line - around);
    const shown = lines.slice(first - 1, line + around);
    const width = String(first + shown.length - 1).length;
    return shown
      .map((text, index) => {
        const number = first + index;
        return `${number === line ? "=>" : "  "}${String(number).padStart(width + 2)}:\t${text}`.trimEnd();
      })
      .join("\n");
  }

  async #lines(file: string, signal: AbortSignal): Promise<readonly string[] | null> {
    const known = this.#files.get(file);
    if (known !== undefined) return known;
    const lines = file.startsWith("/") ? await this.#read(file, signal) : null;
    this.#files.set(file, lines);
    return lines;
  }

  async #read(file: string, signal: AbortSignal): Promise<readonly string[] | null> {
    try {
      const bytes = await this.#target.read(file, signal);
      return bytes.length > largestBytes ? null : Buffer.from(bytes).toString("utf8").split("\n");
    } catch (error) {
      // The program was built on another machine, or its sources may not be read.
      if (error instanceof Error && "code" in error) return null;
      throw error;
    }
  }
}
