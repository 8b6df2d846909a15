import type { Readable, Writable } from "node:stream";

/** Where text goes; a pipe that its reader closed swallows it. */
export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Terminal colours are wanted here. */
  readonly colour: boolean;
  /** For programs that draw by themselves. */
  readonly stream: Writable;
  /** A terminal whose rows can be drawn over; null elsewhere. */
  readonly screen: Screen | null;
}

/** The size of a terminal, which its person may change. */
export interface Screen {
  size(): { readonly columns: number; readonly rows: number };
  onResize(listener: () => void): Disposable;
}

/** What a command sees of the process it runs in. Relative paths are relative to `cwd`. */
export interface Io {
  readonly stdin: Readable;
  readonly stdout: Output;
  readonly stderr: Output;
  /** A person sits at standard input and standard error. */
  readonly canAsk: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly user: string;
  readonly pid: number;
  /** The arguments after `casebook`. */
  readonly args: readonly string[];
  readonly now: () => Date;
  /** Takes over INT, TERM and HUP until disposed. */
  onSignal(listener: (signal: "INT" | "TERM" | "HUP") => void): Disposable;
  /** Takes over what nobody caught until disposed; otherwise that ends the process at once. */
  onUncaught(listener: (error: unknown) => void): Disposable;
  /** Tells a person of a bug that a run survived. `folder` is its case. */
  reportBug(error: unknown, folder: string): void;
  /** Ends the process now, whatever is still open. */
  leave(exitCode: number): never;
}
