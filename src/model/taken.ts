/** The case that gave a run observations which it did not make itself. */
export interface TakenFrom {
  /** `replay`: all of them, and no host was asked. `rerun`: those of the steps that did not run again. */
  readonly mode: "replay" | "rerun";
  /** Its folder, as one would type it where casebook ran. */
  readonly case: string;
  /** SHA-256 of the last line of its journal. */
  readonly head: string;
  /** When it began. */
  readonly started_at: string;
}

/** When an observation was made that a later run took. */
export interface Taken {
  readonly started_at: string;
  readonly finished_at: string;
  readonly milliseconds: number;
  /** How many attempts it took; absent: one, or it was not retried. */
  readonly attempts?: number;
}
