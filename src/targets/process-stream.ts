import type { ChildProcess } from "node:child_process";
import { Duplex } from "node:stream";

/** A process whose input and output are the two directions of a connection. Destroyed, it ends the process. */
export class ProcessStream extends Duplex {
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    super();
    this.#child = child;
    child.stdout?.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) child.stdout?.pause();
    });
    child.stdout?.once("end", () => this.push(null));
    child.stdin?.on("error", () => {}); // the end of its output tells that it has gone
    child.once("close", () => {
      // What came last may not have been read yet.
      if (this.readableEnded) this.destroy();
      else this.once("end", () => this.destroy());
      this.push(null);
    });
  }

  override _read(): void {
    this.#child.stdout?.resume();
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.#child.stdin?.write(chunk, () => done());
  }

  /** What was written at once goes at once. */
  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: () => void): void {
    this.#child.stdin?.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), () => done());
  }

  override _final(done: () => void): void {
    this.#child.stdin?.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#child.kill("SIGKILL");
    done(error);
  }
}
