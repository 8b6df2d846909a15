/** Captured bytes in the case folder. */
export interface EvidenceRef {
  /** Relative to the case folder: `evidence/03-probe.stdout`. */
  readonly path: string;
  /** Of the file's bytes, which are masked. */
  readonly sha256: string;
  readonly bytes: number;
  /** True when bytes were dropped, which `why` then explains. */
  readonly truncated: boolean;
  readonly why?: string;
}

/** Takes bytes as they arrive. */
export interface ByteSink {
  /**
   * A file that the bytes may be written to directly (its descriptor handed to the child), or null
   * when they must pass through `write` because something has to be masked.
   */
  readonly directFile: string | null;
  write(chunk: Uint8Array): void | Promise<void>;
}

/** One stream of a step on its way into the case folder: masked, hashed, never whole in memory. */
export interface Evidence extends ByteSink {
  /** The stream's name: `stdout`. */
  readonly name: string;
  /** Bytes so far. */
  readonly bytes: () => number;
  /** Why bytes had to be dropped (a limit, a full disk), or null. */
  readonly cut: () => string | null;
  /** Ends the stream. null when no byte came: then there is no file. Writes `captured`. Idempotent. */
  close(): Promise<EvidenceRef | null>;
}

/** Reads what was captured, by the relative path of an `EvidenceRef`: live, replayed and in tests. */
export interface EvidenceReader {
  /** At most `limit` bytes from the beginning. */
  head(path: string, limit: number): Promise<Uint8Array>;
  /** At most `limit` bytes from the end. */
  tail(path: string, limit: number): Promise<Uint8Array>;
  /** The whole in chunks. */
  stream(path: string): AsyncIterable<Uint8Array>;
}
