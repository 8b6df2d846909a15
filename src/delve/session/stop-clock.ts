/** How long a program has stood still, and how long it may in all. */
export class StopClock {
  /** Milliseconds; null: no limit. */
  readonly budget: number | null;
  /** Resolves when the budget is used up, with the reason. */
  readonly usedUp: Promise<string>;
  #use: (why: string) => void = () => {};
  #milliseconds = 0;
  #since: number | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(budget: number | null) {
    this.budget = budget;
    this.usedUp = new Promise((resolve) => {
      this.#use = resolve;
    });
  }

  get milliseconds(): number {
    return Math.round(this.#milliseconds + (this.standing ?? 0));
  }

  /** Milliseconds of the budget that are not used; null: no limit. */
  get left(): number | null {
    return this.budget === null ? null : Math.max(0, this.budget - this.milliseconds);
  }

  /** Milliseconds since the program stopped; null while it runs. */
  get standing(): number | null {
    return this.#since === null ? null : performance.now() - this.#since;
  }

  stopped(): void {
    if (this.#since !== null) return;
    this.#since = performance.now();
    if (this.left === null) return;
    const why = `the program stood still for ${this.budget} ms in all, which is what max_stopped allows`;
    this.#timer = setTimeout(() => this.#use(why), this.left);
  }

  running(): void {
    this.#milliseconds += this.standing ?? 0;
    this.#since = null;
    this.dispose();
  }

  /** The budget is not watched any more. */
  dispose(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
