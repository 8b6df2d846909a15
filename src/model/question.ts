/** What a step asks the person who runs it. */
export interface Question {
  readonly prompt: string;
  /** null: any text. */
  readonly choices: readonly string[] | null;
  /** null: there is none, somebody has to say. */
  readonly default: string | null;
}

/** Where an answer came from: the terminal, the command line, or the author. */
export const answerSources = ["asked", "given", "default"] as const;

export interface Answered {
  readonly answer: string;
  readonly source: (typeof answerSources)[number];
}

/** Who answers a run's questions. */
export interface Answers {
  /** What was given beforehand, by the step's key: one for each round, or one for all. */
  readonly given: ReadonlyMap<string, readonly string[]>;
  /** Asks the person at the terminal, and rejects once the signal aborts, which leaving the question brings about. null: nobody is there. */
  readonly person: ((question: Question, signal: AbortSignal) => Promise<string>) | null;
}
