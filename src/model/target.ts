import type { Duplex, Writable } from "node:stream";
import type { ByteSink } from "./evidence.js";

/** How a process of ours is ended: a signal to its group, then, after `graceMilliseconds`, SIGKILL if `kill` (never for a debugger). */
export interface Ending {
  readonly signal: "TERM" | "INT" | "HUP" | "QUIT" | "KILL" | "USR1" | "USR2";
  readonly graceMilliseconds: number;
  readonly kill: boolean;
}

export const defaultEnding: Ending = { signal: "TERM", graceMilliseconds: 5000, kill: true };

export interface Command {
  /** Executed as it is; a shell text is `["/bin/sh", "-c", text]`. */
  readonly argv: readonly string[];
  readonly cwd?: string;
  /** Added to the target's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** The whole input; absent: /dev/null. */
  readonly stdin?: string | Uint8Array;
  readonly ending?: Ending;
}

export interface Output {
  readonly stdout: ByteSink;
  readonly stderr: ByteSink;
}

/** How a process ended: one of both is null, or both where nobody can know. A command that could not be started has code 126 or 127, as in a shell. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** Tells a process from a later one with the same pid. `startTicks` is field 22 of /proc/PID/stat. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTicks: string;
  readonly bootId: string;
}

/** A process that stands behind its gate, or runs, and ends with casebook whatever happens to casebook. */
export interface HeldProcess {
  readonly identity: ProcessIdentity;
  /** Lets it go: from now on it is the command. Idempotent. */
  release(): void;
  /** Its standard input, open only when asked for. */
  readonly stdin: Writable | null;
  /** Resolves when it has ended and its output was taken in whole; with both null when the connection to its host was lost. */
  readonly exit: Promise<Exit>;
  /** Ends it in the way of its command's `ending` and waits. Without `kill` it waits until it ends or the signal aborts. */
  stop(signal: AbortSignal): Promise<Exit>;
}

export type Address = { readonly host: string; readonly port: number } | { readonly path: string };

export interface HostFacts {
  readonly hostname: string;
  readonly user: string;
  readonly uid: number;
  /** `uname -srm`. */
  readonly kernel: string;
  /** PRETTY_NAME of /etc/os-release. */
  readonly os: string;
  readonly bootId: string;
}

/** Where commands run and files are read: this machine, a host behind SSH, a container. */
export interface Target extends AsyncDisposable {
  /** As in `--host`: `local`, `ssh://host`. */
  readonly name: string;
  /** Absolute: where commands run that name no folder, and what relative ones are relative to. */
  readonly cwd: string;
  facts(signal: AbortSignal): Promise<HostFacts>;
  /**
   * Aborts when the connection to the host has gone, with the last that was heard of it as its reason. The guard on the host then
   * ends what was started there, and whatever is asked of the target fails with a `StepFailure`. This machine is never lost.
   */
  readonly lost: AbortSignal;
  /** After a loss: connects anew, to put back what was changed; `lost` stays aborted. Rejects with an error that says why it cannot. */
  reconnect(signal: AbortSignal): Promise<void>;
  /**
   * Runs a command to its end; the fast path, near the price of a shell's fork. When the signal aborts, the
   * command's group is ended in its `ending`, and the promise resolves with that exit: it never rejects for what the command did.
   */
  run(command: Command, output: Output, signal: AbortSignal): Promise<Exit>;
  /** Starts a process that stays, behind a gate: it exists and is guarded, but has executed nothing of the command. */
  hold(command: Command, output: Output, options: { readonly stdin: boolean }): Promise<HeldProcess>;
  /** Rejects with a node system error (`ENOENT`, `EACCES`, …). */
  read(path: string, signal: AbortSignal): Promise<Uint8Array>;
  /** Replaces the bytes of a file in place, keeping owner and mode. */
  write(path: string, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  /** A socket as seen from the host. Rejects with a node system error (`ECONNREFUSED`, …). */
  connect(address: Address, signal: AbortSignal): Promise<Duplex>;
  /** The same host as another user, through `sudo -n`. */
  as(user: string): Target;
}

/** The sentence by which all that fails with a connection says so. */
export function describeLoss({ name, lost }: Pick<Target, "name" | "lost">): string {
  const heard = String(lost.reason);
  return `the connection to ${name} was lost${heard === "" ? "" : `: ${heard}`}`;
}
