/** How often sums are told, in milliseconds. */
const every = 5000;

/** Adds up many short stops, so that a breakpoint that is passed ten thousand times does not fill the journal. */
export class StopSum {
  readonly #tell: (times: number, milliseconds: number) => void;
  #times = 0;
  #milliseconds = 0;
  #toldAt = performance.now();

  /** @param tell is called at most every five seconds with the stops since the last time */
  constructor(tell: (times: number, milliseconds: number) => void) {
    this.#tell = tell;
  }

  add(milliseconds: number): void {
    this.#times++;
    this.#milliseconds += milliseconds;
    if (performance.now() - this.#toldAt >= every) this.flush();
  }

  /** Tells what is left. */
  flush(): void {
    this.#toldAt = performance.now();
    if (this.#times > 0) this.#tell(this.#times, this.#milliseconds);
    this.#times = 0;
    this.#milliseconds = 0;
  }
}
