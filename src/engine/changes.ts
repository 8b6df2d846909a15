import type { Json } from "../model/json.js";
import type { OfStep } from "../model/step-event.js";
import type { Announced, AnnouncedChange, AnyStepKind, Undone } from "../model/step-kind.js";
import type { Target } from "../model/target.js";
import type { Reach } from "./reach.js";
import type { Recorder } from "./recorder.js";
import { undoOne } from "./undo-one.js";

interface Outstanding {
  readonly number: number;
  readonly of: OfStep;
  readonly kind: AnyStepKind;
  readonly target: Target;
  readonly token: Json;
  readonly what: string;
}

/** What was announced in this run and is not put back yet. */
export class Changes {
  readonly #recorder: Recorder;
  readonly #now: () => Date;
  readonly #reach: Reach;
  readonly #outstanding: Outstanding[] = [];
  #lost = 0;
  #count = 0;

  constructor(recorder: Recorder, now: () => Date, reach: Reach) {
    this.#recorder = recorder;
    this.#now = now;
    this.#reach = reach;
  }

  /** How many changes could not be put back. */
  get lost(): number {
    return this.#lost;
  }

  /** Writes a change down and flushes it; the caller makes it only afterwards. */
  announce(of: OfStep, kind: AnyStepKind, target: Target, user: string | null, change: AnnouncedChange): Announced {
    const number = ++this.#count;
    this.#recorder.emit(
      { type: "change-announced", ...of, change: number, kind: kind.name, ...change, host: target.name, user },
      true,
    );
    const lost = this.#recorder.lost();
    if (lost !== null) throw lost; // what is not in the journal must not be changed
    const entry = { number, of, kind, target, token: change.token, what: change.what };
    this.#outstanding.push(entry);
    return {
      undone: async (how) => {
        if (this.#remove(entry)) this.#finish(entry, { state: "undone", how });
      },
    };
  }

  /** Puts back what an execution of a step changed, the last change first. Gives a sentence for each that cannot be. */
  async undo(span: string): Promise<readonly string[]> {
    const failures: string[] = [];
    for (const entry of this.#outstanding.filter((change) => change.of.span === span).reverse()) {
      if (!this.#remove(entry)) continue;
      const undone = await this.#undo(entry);
      this.#finish(entry, undone);
      if (undone.state === "cannot") failures.push(`${entry.what}: ${undone.why}`);
    }
    return failures;
  }

  async #undo(entry: Outstanding): Promise<Undone> {
    const unreachable = await this.#reach();
    if (unreachable !== null) return { state: "cannot", why: unreachable };
    return undoOne({ kind: entry.kind.name, token: entry.token }, entry.kind, entry.target, this.#now);
  }

  #remove(entry: Outstanding): boolean {
    const index = this.#outstanding.indexOf(entry);
    if (index !== -1) this.#outstanding.splice(index, 1);
    return index !== -1;
  }

  #finish(entry: Outstanding, undone: Undone): void {
    if (undone.state === "cannot") this.#lost++;
    const how = undone.state === "cannot" ? undone.why : undone.how;
    this.#recorder.emit({ type: "change-undone", ...entry.of, change: entry.number, state: undone.state, how }, true);
  }
}
