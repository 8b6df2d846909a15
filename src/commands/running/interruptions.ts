import type { Cancellation } from "../../engine/cancel.js";
import type { Event } from "../../model/event.js";
import type { ChangeAnnounced } from "../../model/step-event.js";
import { quoteWord } from "../../util/shell-quote.js";
import { visibleLine } from "../../util/visible.js";
import { exitCode } from "../exit-code.js";
import type { Io } from "../io.js";

/** How long a run may take to end after a bug that nobody caught: what it broke may be what is waited for. */
const bugMilliseconds = 60_000;

/** What a person's Ctrl-C, or a signal from elsewhere, does to a run. */
export interface Interruptions extends Disposable {
  /** Aborts with a `Cancellation`. */
  readonly signal: AbortSignal;
  /** What a run ends with that was interrupted before it began; null when it was not. */
  exitCode(): number | null;
  /** What a person's Ctrl-C brings about that came as a key, because the terminal was asking. */
  interrupt(): void;
  /** What nobody caught during the run, which has ended it; null when there was nothing. */
  bug(): unknown;
  /** The case of the run, when something that it changed is not put back; else null. */
  left(): string | null;
  /** Learns from the run's events what is still to be put back. */
  watch(event: Event): void;
}

/** What is interrupted. */
interface Interrupted {
  /** What the first signal brings about: clauses. */
  readonly ends: string;
  /** What has to be put back already, the last change first. */
  readonly changes: readonly ChangeAnnounced[];
  /** The last line where something is left; null: that for the case of the run. */
  readonly command: string | null;
}

const ofRun: Interrupted = {
  ends: "the step is stopped, changes are put back, the report is written",
  changes: [],
  command: null,
};

const standingLine = ({ what, undo }: ChangeAnnounced): string => `${what} (${undo})`;

/**
 * The first signal ends the run in order, the second says what is being put back, the third leaves at once, with the command
 * that puts back the rest. A bug that nobody caught ends the run in order as well, and leaves when that takes too long.
 */
export function takeInterruptions(io: Io, { ends, changes, command }: Interrupted = ofRun): Interruptions {
  const controller = new AbortController();
  let folder = "";
  let over = command !== null;
  const outstanding = new Map(changes.toReversed().map((one) => [one.change, standingLine(one)] as const));
  let count = 0;
  let first: "INT" | "TERM" | "HUP" | null = null;
  // A terminal has just shown ^C.
  const begin = io.stderr.isTerminal ? "\n" : "";
  const take = (by: "INT" | "TERM" | "HUP"): void => {
    count++;
    if (count === 1) {
      first = by;
      io.stderr.write(`${begin}casebook: ending: ${ends}\n`);
      controller.abort({ by } satisfies Cancellation);
    } else if (count === 2)
      io.stderr.write(`${begin}${standing(outstanding, over)}casebook: once more leaves at once\n`);
    else leaveNow(codeOf(by));
  };
  const leaveNow = (code: number): never => leave(io, command ?? restoreCommand(folder), outstanding.size, code);
  const taken = io.onSignal(take);
  let bug: unknown = null;
  let giveUp: NodeJS.Timeout | null = null;
  const caught = io.onUncaught((error) => {
    // What is broken may break again and again.
    if (bug !== null) return;
    bug = error;
    io.stderr.write(`casebook: ending after a bug: ${ends}\n`);
    giveUp = setTimeout(() => {
      io.reportBug(error, folder);
      leaveNow(exitCode.bug);
    }, bugMilliseconds);
    controller.abort({ by: "bug", error } satisfies Cancellation);
  });
  return {
    signal: controller.signal,
    exitCode: () => (first === null ? null : codeOf(first)),
    interrupt: () => take("INT"),
    bug: () => bug,
    left: () => (outstanding.size === 0 ? null : folder),
    watch(event) {
      if (event.type === "run-started") folder = event.case;
      if (event.type === "run-finished") over = true;
      if (event.type === "change-announced") outstanding.set(event.change, standingLine(event));
      if (event.type === "change-undone" && event.state !== "cannot") outstanding.delete(event.change);
    },
    [Symbol.dispose]() {
      if (giveUp !== null) clearTimeout(giveUp);
      caught[Symbol.dispose]();
      taken[Symbol.dispose]();
    },
  };
}

function standing(outstanding: ReadonlyMap<number, string>, over: boolean): string {
  if (outstanding.size === 0) {
    return over
      ? "casebook: everything is put back; the report is being written\n"
      : "casebook: nothing has to be put back; the step is being stopped\n";
  }
  // The last change is put back first.
  const lines = [...outstanding.values()].reverse().map((what) => `  ${visibleLine(what)}\n`);
  return `casebook: still to be put back:\n${lines.join("")}`;
}

function leave(io: Io, command: string, outstanding: number, code: number): never {
  if (outstanding > 0) {
    io.stderr.write("casebook: left before everything was put back\n");
    io.stdout.write(command);
    return io.leave(exitCode.notRestored);
  }
  return io.leave(code);
}

/** The last line of whatever leaves something changed. */
export const restoreCommand = (folder: string): string => `casebook restore ${quoteWord(folder)}\n`;

const codeOf = (by: "INT" | "TERM" | "HUP"): number => (by === "INT" ? exitCode.interrupted : exitCode.terminated);
