import type { Key } from "./step-kind.js";
import type { ProcessIdentity } from "./target.js";

/** What a program printed on one stream, while it runs. Bytes are as the program wrote them: masked nowhere yet. */
export interface ProgramStream {
  readonly name: "stdout" | "stderr";
  /** What is held, oldest first: the latest 16 MiB. Earlier bytes are in the evidence alone. */
  readonly chunks: () => readonly ProgramChunk[];
  /** How many bytes are no longer held. */
  readonly dropped: () => number;
}

export interface ProgramChunk {
  /** When it arrived, by casebook's clock, as `StepContext.began` is. */
  readonly at: Date;
  readonly bytes: Uint8Array;
}

/** The output of a program that a `start` step runs. */
export interface ProgramOutput {
  readonly streams: readonly ProgramStream[];
  /** Calls back for every chunk from now on; ends when the returned function is called. */
  subscribe(listener: (chunk: ProgramChunk, stream: ProgramStream) => void): () => void;
  /** Resolves when the program has ended and its output was taken in whole. Never rejects. */
  readonly ended: Promise<unknown>;
}

/** Offered by `start` to `log: {of: …}`. */
export const programOutput: Key<ProgramOutput> = { name: "program-output" };

/** Offered by `start`: the process that leads the group of the program that it runs and will end. */
export const startedProgram: Key<ProcessIdentity> = { name: "started-program" };
