/** A level that was changed and is to be put back. */
export interface Changed {
  readonly before: string;
  readonly during: string;
  /** Whether `before` was read, or the author says so. */
  readonly how_known: "read" | "declared";
  /** The level as it is later, or null where it cannot be read. Throws StepFailure when nobody answers. */
  reread(signal: AbortSignal): Promise<string | null>;
}
