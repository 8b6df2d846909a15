import type { Evidence } from "../../model/evidence.js";
import type { Answer } from "./commands.js";
import type { Turn } from "./observation.js";

/** How long what was answered waits to be put into words: a program that was just let go needs the processor itself. */
const waitMilliseconds = 10;

/** Puts what was answered into words and writes it down, in order, while nothing more urgent is to be done. */
export class Transcript {
  /** What was written down. */
  readonly turns: Turn[] = [];
  readonly #evidence: Evidence;
  readonly #unsaid: { readonly input: string; readonly output: Answer["output"] }[] = [];
  #timer: NodeJS.Timeout | null = null;
  #saying: Promise<void> = Promise.resolve();

  constructor(evidence: Evidence) {
    this.#evidence = evidence;
  }

  /** @param output never rejects */
  add(input: string, output: Answer["output"]): void {
    this.#unsaid.push({ input, output });
    this.#timer ??= setTimeout(() => this.#begin(), waitMilliseconds);
  }

  /** Resolves when all is written. */
  async end(): Promise<void> {
    this.#begin();
    await this.#saying;
  }

  #begin(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#saying = this.#saying.then(() => this.#say());
  }

  async #say(): Promise<void> {
    for (let next = this.#unsaid.shift(); next !== undefined; next = this.#unsaid.shift()) {
      const turn = { input: next.input, output: await next.output() };
      this.turns.push(turn);
      await this.#evidence.write(Buffer.from(`(dlv) ${turn.input}\n${turn.output === "" ? "" : `${turn.output}\n`}`));
    }
  }
}
