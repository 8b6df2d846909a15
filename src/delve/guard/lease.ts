import type { Writable } from "node:stream";
import type { StopClock } from "../session/stop-clock.js";

/** How long the program may go without word from casebook, which gives word every second. */
const leaseMilliseconds = 5000;
const beatMilliseconds = 1000;

/**
 * Gives word, from now on, to what watches over a program on the host: a line is the seconds until the next one, and whether
 * breakpoints are set (`5.00 armed`, `5.00 calm`). Disposed, it says no more.
 */
export class Lease implements Disposable {
  readonly #input: Writable;
  readonly #clock: StopClock;
  readonly #timer: NodeJS.Timeout;
  #armed = false;

  constructor(input: Writable, clock: StopClock) {
    this.#input = input;
    this.#clock = clock;
    this.#timer = setInterval(() => this.#beat(), beatMilliseconds);
    this.#beat();
  }

  /** Says whether breakpoints are set: before the first is, and after the last has gone. */
  arm(armed: boolean): void {
    if (armed === this.#armed) return;
    this.#armed = armed;
    this.#beat();
  }

  /** The lease is hardly longer than what the program may still stand. */
  #beat(): void {
    const milliseconds = Math.min(leaseMilliseconds, (this.#clock.left ?? leaseMilliseconds) + beatMilliseconds);
    this.#input.write(`${(milliseconds / 1000).toFixed(2)} ${this.#armed ? "armed" : "calm"}\n`);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
