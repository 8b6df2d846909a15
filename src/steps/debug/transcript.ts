import type { Evidence } from "../../model/evidence.js";
import type { Answer } from "./commands.js";
import type { Turn } from "./observation.js";

/**
 * Puts what was answered into words and writes it down, in order: whenever something else is waited for, so that a program
 * which stands goes on first.
 */
export class Transcript {
  /** What was written down. */
  readonly turns: Turn[] = [];
  readonly #evidence: Evidence;
  readonly #unsaid: { readonly input: string; readonly output: Answer["output"] }[] = [];
  #saying: Promise<void> | null = null;

  constructor(evidence: Evidence) {
    this.#evidence = evidence;
  }

  /** @param output never rejects */
  add(input: string, output: Answer["output"]): void {
    this.#unsaid.push({ input, output });
    this.#saying ??= new Promise((resolve, reject) => {
      setImmediate(() => this.#say().then(resolve, reject));
    });
  }

  /** Resolves when all is written. */
  async end(): Promise<void> {
    while (this.#saying !== null) await this.#saying;
  }

  async #say(): Promise<void> {
    for (let next = this.#unsaid.shift(); next !== undefined; next = this.#unsaid.shift()) {
      const turn = { input: next.input, output: await next.output() };
      this.turns.push(turn);
      await this.#evidence.write(Buffer.from(`(dlv) ${turn.input}\n${turn.output === "" ? "" : `${turn.output}\n`}`));
    }
    this.#saying = null;
  }
}
