/** What every target needs to connect. */
export interface ConnectOptions {
  readonly signal: AbortSignal;
  /** A private folder on this machine. */
  readonly scratch: string;
}
