/** A call that has been entered. */
export interface Call {
  readonly hit: number;
  /** The goroutine: its number, or where it is kept. */
  readonly owner: number;
  readonly function: string;
  /** Where its frame lies below the upper end of the goroutine's stack: negative, and the same when the stack is moved. */
  readonly frame: number;
}

/**
 * Tells which call a return belongs to: of the same goroutine, the one whose frame lies at the same place. A call that a
 * panic ended never comes to a return; it is given up when its place is taken again.
 */
export class Calls {
  readonly #open = new Map<number, Call[]>();
  #size = 0;

  /** Calls that have not returned. */
  get size(): number {
    return this.#size;
  }

  enter(call: Call): void {
    const calls = this.#open.get(call.owner) ?? [];
    // A stack grows downwards: what lies at this place or below it is gone.
    this.#drop(calls, (other) => other.frame <= call.frame);
    calls.push(call);
    this.#size++;
    this.#open.set(call.owner, calls);
  }

  /** null: the call was entered before anybody looked. */
  leave(owner: number, name: string, frame: number): Call | null {
    const calls = this.#open.get(owner) ?? [];
    this.#drop(calls, (other) => other.frame < frame);
    const last = calls.at(-1);
    if (last?.frame !== frame || last.function !== name) return null;
    calls.pop();
    this.#size--;
    if (calls.length === 0) this.#open.delete(owner);
    return last;
  }

  #drop(calls: Call[], isGone: (call: Call) => boolean): void {
    for (let last = calls.at(-1); last !== undefined && isGone(last); last = calls.at(-1)) {
      calls.pop();
      this.#size--;
    }
  }
}
