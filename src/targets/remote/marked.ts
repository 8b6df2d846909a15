/** What comes between marks. */
export interface Parts {
  readonly data: (bytes: Buffer) => void;
  readonly mark: () => void;
}

/** Cuts a stream at its marks, wherever chunks end. What may be the beginning of a mark is held back until more has come. */
export class Marked {
  readonly #mark: Buffer;
  readonly #parts: Parts;
  #held: Buffer = Buffer.alloc(0);

  constructor(mark: string, parts: Parts) {
    this.#mark = Buffer.from(mark);
    this.#parts = parts;
  }

  push(chunk: Buffer): void {
    let rest = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    for (let at = rest.indexOf(this.#mark); at !== -1; at = rest.indexOf(this.#mark)) {
      this.#give(rest.subarray(0, at));
      this.#parts.mark();
      rest = rest.subarray(at + this.#mark.length);
    }
    const held = this.#begun(rest);
    this.#give(rest.subarray(0, rest.length - held));
    this.#held = rest.subarray(rest.length - held);
  }

  /** No more comes: what was held back is no mark. */
  end(): void {
    this.#give(this.#held);
    this.#held = Buffer.alloc(0);
  }

  #give(bytes: Buffer): void {
    if (bytes.length > 0) this.#parts.data(bytes);
  }

  /** How many of the last bytes are the beginning of a mark. */
  #begun(bytes: Buffer): number {
    const first = this.#mark.subarray(0, 1);
    let at = bytes.indexOf(first, Math.max(0, bytes.length - this.#mark.length + 1));
    while (at !== -1 && !this.#mark.subarray(0, bytes.length - at).equals(bytes.subarray(at))) {
      at = bytes.indexOf(first, at + 1);
    }
    return at === -1 ? 0 : bytes.length - at;
  }
}
