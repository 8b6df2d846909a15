import type { ChildProcess } from "node:child_process";
import type { Duplex } from "node:stream";
import type { Address } from "../../model/target.js";

type TcpAddress = Extract<Address, { readonly port: number }>;

/** A program that reaches a host: each of its processes, on this machine, has the streams of a shell there for its own. */
export interface Way extends AsyncDisposable {
  /** The first shell; the others end with it. @param bootstrap what it executes */
  first(bootstrap: string): ChildProcess;
  further(bootstrap: string): ChildProcess;
  /** A TCP connection from the host, where the way itself can carry one; rejects with EACCES where the host does not permit it. */
  readonly forward: ((address: TcpAddress, signal: AbortSignal) => Promise<Duplex>) | null;
  /** Why the first shell never spoke, in a sentence with what to do, from what its process printed on standard error and how it ended. */
  explain(printed: string, code: number | null): string;
}
