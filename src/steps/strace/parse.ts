import { splitArguments } from "./arguments.js";

/** One system call, put together from its parts where other threads came between. */
export interface Call {
  /** When it began, in milliseconds since the epoch; null when the output has no times. */
  readonly at: number | null;
  /** The thread that made it. */
  readonly pid: number;
  readonly name: string;
  readonly args: readonly string[];
  /** What it returned, decimal or hexadecimal; null for `?` and for a number beyond 2^53. */
  readonly result: number | null;
  /** `ENOENT`, `ERESTARTSYS`, …, or null. */
  readonly error: string | null;
  /** Wall time inside the call; null when it did not return, or strace ran without `-T`. */
  readonly microseconds: number | null;
  /** The whole call on one line, as strace prints it when nothing comes between. */
  readonly text: string;
  /** False for a call that had not returned when its thread ended, or tracing did. */
  readonly returned: boolean;
}

/** What one line of strace tells. */
export type StraceRecord =
  | { readonly type: "call"; readonly call: Call }
  | { readonly type: "signal"; readonly at: number | null; readonly pid: number; readonly text: string }
  /** `code` or `signal` is null. */
  | {
      readonly type: "exit";
      readonly at: number | null;
      readonly pid: number;
      readonly code: number | null;
      readonly signal: string | null;
    }
  /** A line that is none of these, such as a message of strace's own. */
  | { readonly type: "other"; readonly text: string };

interface Begun {
  readonly at: number | null;
  readonly name: string;
  /** From the name on, without the mark at its end. */
  readonly text: string;
}

/** `[pid  1234] ` or `1234  `, then `-ttt`'s seconds. */
const prefix = /^(?:\[pid\s+(\d+)\]\s+|(\d+)\s+)?(?:(\d+\.\d+)\s+)?/;
const callName = /^([A-Za-z_][\w.]*|\?{4}|0x[0-9a-f]+)\(/;
const resumed = /^<\.\.\. (\S+) resumed> ?/;
const unfinished = / ?<(?:unfinished|detached) \.\.\.>$/;
/** A thread that was ended inside its call: ` <unfinished ...>) = ?`. */
const unfinishedResult = / <unfinished \.\.\.>(?=\)\s+= \?)/;
const exited = /^\+\+\+ exited with (\d+) \+\+\+$/;
const killed = /^\+\+\+ killed by (\S+).* \+\+\+$/;
const superseded = /^\+\+\+ superseded by execve in pid (\d+) \+\+\+$/;

/**
 * Reads what `strace` writes, line by line, with `-f`, `-ttt`, `-T`, `-y`, `-yy` or without: calls cut in two by other threads,
 * restarts, signals and ends. Holds one begun call for each thread and nothing else.
 * Format: strace(1) and strace's own tests.
 */
export class StraceParser {
  readonly #begun = new Map<number, Begun>();
  readonly #pid: number;

  /** @param pid whose calls they are where lines name none: strace without `-f`, or with one process */
  constructor(pid: number) {
    this.#pid = pid;
  }

  /** What a line completes: nothing, for the first part of a call; rarely two records. */
  line(line: string): readonly StraceRecord[] {
    const [whole, bracketed, bare, seconds] = prefix.exec(line) ?? [""];
    const body = line.slice(whole.length);
    const pid = Number(bracketed ?? bare ?? this.#pid);
    const at = seconds === undefined ? null : Math.round(Number(seconds) * 1e6) / 1e3;
    if (body.startsWith("--- ")) return [{ type: "signal", at, pid, text: body.replace(/^--- | ---$/g, "") }];
    if (body.startsWith("+++ ")) return this.#ended(body, at, pid);
    const again = resumed.exec(body);
    if (again !== null) return this.#resume(again[1] ?? "", body.slice(again[0].length), at, pid);
    const name = callName.exec(body)?.[1];
    return name === undefined ? [{ type: "other", text: line }] : this.#call(name, body, at, pid);
  }

  /** The calls that were still under way when the output ended. */
  end(): readonly StraceRecord[] {
    return [...this.#begun.keys()].flatMap((pid) => this.#abandon(pid));
  }

  #call(name: string, body: string, at: number | null, pid: number): readonly StraceRecord[] {
    const before = this.#abandon(pid);
    const mark = unfinished.exec(body);
    if (mark !== null) {
      this.#begun.set(pid, { at, name, text: body.slice(0, mark.index) });
      return before;
    }
    return [...before, { type: "call", call: readCall(name, body, at, pid) }];
  }

  #resume(name: string, rest: string, at: number | null, pid: number): readonly StraceRecord[] {
    const begun = this.#begun.get(pid);
    this.#begun.delete(pid);
    // Without a beginning (strace came when the call was under way) the arguments printed before are not known.
    const text = begun === undefined ? `${name}(${rest}` : `${begun.text}${rest}`;
    const mark = unfinished.exec(text);
    if (mark !== null) {
      this.#begun.set(pid, { at: begun?.at ?? at, name: begun?.name ?? name, text: text.slice(0, mark.index) });
      return [];
    }
    return [{ type: "call", call: readCall(begun?.name ?? name, text, begun?.at ?? at, pid) }];
  }

  #ended(body: string, at: number | null, pid: number): readonly StraceRecord[] {
    const by = superseded.exec(body)?.[1];
    if (by !== undefined) {
      // The thread that called execve goes on under the leader's number; what the leader was doing is over.
      const before = this.#abandon(pid);
      const begun = this.#begun.get(Number(by));
      if (begun !== undefined) this.#begun.set(pid, begun);
      this.#begun.delete(Number(by));
      return before;
    }
    const code = exited.exec(body)?.[1];
    const signal = killed.exec(body)?.[1];
    if (code === undefined && signal === undefined) return [{ type: "other", text: body }];
    return [
      ...this.#abandon(pid),
      { type: "exit", at, pid, code: code === undefined ? null : Number(code), signal: signal ?? null },
    ];
  }

  #abandon(pid: number): readonly StraceRecord[] {
    const begun = this.#begun.get(pid);
    if (begun === undefined) return [];
    this.#begun.delete(pid);
    return [{ type: "call", call: readCall(begun.name, begun.text, begun.at, pid) }];
  }
}

function readCall(name: string, written: string, at: number | null, pid: number): Call {
  const body = written.replace(unfinishedResult, "");
  const { args, end } = splitArguments(body, name.length + 1);
  const returned = end === null ? null : readReturn(body.slice(end));
  if (end === null || returned === null) {
    const text = `${body.trimEnd()} <unfinished ...>`;
    return { at, pid, name, args, result: null, error: null, microseconds: null, text, returned: false };
  }
  // strace pads the result to column 40; one blank is as good.
  const text = `${body.slice(0, end)} ${body.slice(end).trimStart()}`;
  return { at, pid, name, args, text, ...returned };
}

/** The number, and the error's name behind -1 or `?`. Behind a descriptor comes its decoration, which stays in the text. */
const returnValue = /^\s*= (\?|0x[0-9a-f]+|-?\d+)(?: (E[A-Z0-9_]+)(?= |$))?/;
const wallTime = / <(\d+\.\d+)>$/;

type Return = Pick<Call, "result" | "error" | "microseconds" | "returned">;

/** ` = -1 ENOENT (No such file or directory) <0.000012>`, or null when it is not written to its end. */
function readReturn(text: string): Return | null {
  const match = returnValue.exec(text);
  if (match === null) return null;
  const [, number = "?", error = null] = match;
  return {
    result: readNumber(number),
    error,
    microseconds: microsecondsOf(text),
    // `?` alone: exit_group, or the process was killed. With an error such as ERESTARTSYS the call was left and will be repeated.
    returned: number !== "?" || error !== null,
  };
}

/** Decimal, hexadecimal, or octal, which umask returns; null for `?` and for what JSON's numbers cannot hold. */
function readNumber(text: string): number | null {
  const number = /^0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text);
  return text !== "?" && Number.isSafeInteger(number) ? number : null;
}

function microsecondsOf(text: string): number | null {
  const seconds = wallTime.exec(text)?.[1];
  return seconds === undefined ? null : Math.round(Number(seconds) * 1e6);
}
