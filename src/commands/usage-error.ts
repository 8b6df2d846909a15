/** The command line asks for something that cannot be: exit 64. The message says what was expected and what was found. */
export class UsageError extends Error {
  override readonly name = "UsageError";

  /** @param frames code frames that show the mistakes, fit for a terminal */
  constructor(
    message: string,
    readonly frames = "",
  ) {
    super(message);
  }
}
