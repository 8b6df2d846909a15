import type { ByteSink } from "../../model/evidence.js";
import type { StepContext } from "../../model/step-kind.js";
import type { Command, Ending, Exit } from "../../model/target.js";
import { decodeUtf8 } from "../../util/utf8.js";
import type { FileMark } from "./file-script.js";
import type { Since } from "./since.js";

/** Takes the bytes of a log: `tag` tells streams apart whose lines must not be mixed. */
export type Take = (bytes: Uint8Array, tag: string) => void | Promise<void>;

/** Where lines come from. */
export interface Source {
  /** Takes what is there now; null for a source that cannot tell what is there from what comes. */
  readonly read: ((take: Take, signal: AbortSignal) => Promise<void>) | null;
  /** Takes what comes from where `read` ended, or from where it was asked to begin, until the signal aborts. */
  follow(take: Take, signal: AbortSignal, begun: () => void): Promise<void>;
  /** What could not be had: clauses. */
  readonly missing: readonly string[];
  /** Whether it leaves out itself what is older than `since`. */
  readonly knowsTime: boolean;
  /** For a file of which not all is wanted: where it stood when what is wanted began. */
  readonly from: FileMark | null;
}

/** How a source is asked. */
export interface SourceOptions {
  /** What is there; then what comes, for the first line; what comes while other steps run. */
  readonly mode: "read" | "wait" | "follow";
  readonly since: Since;
  /** For a file: where it stood when the step of `since` began, if that was noted. */
  readonly mark: FileMark | null;
}

/** Whether only what is written from now on is wanted. */
export const fromNow = ({ mode, since }: SourceOptions): boolean => mode === "follow" && since.at === null;

/** How a command that shows a log is ended. */
export const ending: Ending = { signal: "TERM", graceMilliseconds: 5000, kill: true };

/** Lets a command run until the signal aborts (null) or it ends by itself. */
export async function holdUntil(
  command: Command,
  take: Take,
  stderr: ByteSink,
  signal: AbortSignal,
  context: StepContext,
  begun: () => void,
): Promise<Exit | null> {
  const held = await context.target.hold(command, { stdout: sinkTo(take), stderr }, { stdin: false });
  held.release();
  begun();
  const exit = await Promise.race([held.exit, untilAborted(signal)]);
  if (exit === null) await held.stop(AbortSignal.timeout(3 * ending.graceMilliseconds));
  return exit;
}

export async function untilAborted(signal: AbortSignal): Promise<null> {
  if (signal.aborted) return null;
  return await new Promise((resolve) => signal.addEventListener("abort", () => resolve(null), { once: true }));
}

export const sinkTo = (take: Take): ByteSink => ({ directFile: null, write: (chunk) => take(chunk, "") });

const messageBytes = 64 * 1024;

/** Holds the end of what a tool says about itself. */
export function messages(onText: (text: string) => void = () => {}): ByteSink & { text(): string } {
  let bytes = Buffer.alloc(0);
  return {
    directFile: null,
    write(chunk) {
      bytes = Buffer.concat([bytes, chunk]).subarray(-messageBytes);
      onText(decodeUtf8(bytes));
    },
    text: () => decodeUtf8(bytes),
  };
}

/** How a command ended, and its last words. */
export function describe(exit: Exit, stderr: string): string {
  const last = stderr.trimEnd().split("\n").at(-1) ?? "";
  const ended = exit.code === null ? `it was ended by ${exit.signal}` : `it ended with exit code ${exit.code}`;
  return last === "" ? ended : `${ended}: ${last}`;
}
