import type { HashedExecutable } from "../../linux/hashed-executable.js";
import type { EvidenceReader, EvidenceRef } from "../../model/evidence.js";
import { CutText } from "../../model/value.js";
import { splitLines } from "../../util/lines.js";
import { decodeUtf8 } from "../../util/utf8.js";
import { window } from "../window.js";
import { asksForExecve, leavesOutExecve } from "./command-line.js";
import { type Call, StraceParser } from "./parse.js";
import type { CallRow, EndingRow, StraceResult, StraceSpec, SummaryRow } from "./spec.js";

/** A longer line is cut; `-s` of a mebibyte still fits with its escapes. */
const lineBytes = 8 * 1024 * 1024;

/** Ends of threads that are listed; a program may start any number. */
const listedEnds = 1000;

/** What was collected: the recording, and whom it is of. */
export interface Traced extends HashedExecutable {
  /** The process whose calls they are where lines name none. */
  readonly pid: number;
  readonly calls: EvidenceRef | null;
  readonly stdout: EvidenceRef | null;
  readonly stderr: EvidenceRef | null;
}

/** The calls of a recording: all counted, those at its two ends listed. Memory does not grow with the recording. */
export async function readTrace(spec: StraceSpec, traced: Traced, evidence: EvidenceReader): Promise<StraceResult> {
  const parser = new StraceParser(traced.pid);
  const summary = new Map<string, SummaryRow>();
  const kept = window<CallRow>((row) => row.text.toString().length);
  const ends: EndingRow[] = [];
  const wanted = callFilter(spec, traced.pid);
  let count = 0;
  let endings = 0;
  let cut = traced.calls?.truncated ?? false;
  for await (const record of records()) {
    if (record.type === "exit") {
      endings++;
      const { pid, code, signal } = record;
      if (ends.length < listedEnds) ends.push({ at: date(record.at), pid, code, signal });
    } else if (record.type === "call" && wanted(record.call)) {
      count++;
      add(summary, record.call);
      kept.push(row(record.call));
    }
  }
  const { first, left, leftSize, last } = kept;
  return {
    calls: left === 0 ? [...first, ...last()] : [...first, gap(left, leftSize), ...last()],
    summary: [...summary.values()].sort((a, b) => b.microseconds - a.microseconds || (a.name < b.name ? -1 : 1)),
    count,
    ends,
    truncated: cut || left > 0 || endings > ends.length,
    executable: traced.executable ?? null, // cases of before it was recorded lack it
    executable_sha256: traced.executable_sha256 ?? null,
  };

  async function* records() {
    if (traced.calls === null) return;
    for await (const line of splitLines(evidence.stream(traced.calls.path), lineBytes)) {
      cut ||= line.cut;
      yield* parser.line(decodeUtf8(line.bytes));
    }
    yield* parser.end();
  }
}

/**
 * A program that casebook starts stands behind a gate first; its own calls begin with the `execve` that replaces the gate.
 * An `execve` that was recorded for that mark alone is left out.
 */
function callFilter(spec: StraceSpec, pid: number): (call: Call) => boolean {
  if (spec.command === undefined) return () => true;
  const listed = asksForExecve(spec.calls);
  let begun = leavesOutExecve(spec.calls);
  return (call) => {
    begun ||= call.pid === pid && call.name === "execve" && call.result === 0;
    return begun && (listed || call.name !== "execve");
  };
}

function add(summary: Map<string, SummaryRow>, call: Call): void {
  const before = summary.get(call.name) ?? { name: call.name, calls: 0, errors: 0, microseconds: 0 };
  summary.set(call.name, {
    name: call.name,
    calls: before.calls + 1,
    errors: before.errors + (call.error === null ? 0 : 1),
    microseconds: before.microseconds + (call.microseconds ?? 0),
  });
}

function row({ at, pid, name, args, result, error, microseconds, text }: Call): CallRow {
  return { at: date(at), pid, name, args, result, error, microseconds, text };
}

/** Stands for the calls that were left out: a condition that asks about them is unknown, not false. */
function gap(calls: number, characters: number): CallRow {
  const cut = new CutText("", "", characters);
  const unknown = { at: null, pid: null, result: null, error: null, microseconds: null };
  return { ...unknown, name: cut, args: [`… ${calls} calls left out …`], text: cut };
}

const date = (milliseconds: number | null): Date | null => (milliseconds === null ? null : new Date(milliseconds));
