/** A host that cannot be worked on; the message says what was expected and what to do. */
export class TargetUnavailable extends Error {
  override readonly name = "TargetUnavailable";
}
