import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { evidenceName } from "../../engine/evidence-files.js";
import type { OpenStep } from "../../progress/open-steps.js";
import { terminalLines } from "../../report/text/terminal.js";

/** Enough for the last line of whatever a person can read while it passes. */
const tailBytes = 2048;

/** What an open step has printed last, from the evidence that it writes, where secrets are masked; null when that is nothing yet. */
export function lastLineOf(caseFolder: string, step: OpenStep): string | null {
  if (step.ordinal === null) return null;
  const tails = ["stdout", "stderr"].flatMap(
    (stream) => tailOf(join(caseFolder, "evidence", fileOf(step, stream))) ?? [],
  );
  const [newest] = tails.sort((one, other) => other.writtenAt - one.writtenAt);
  const lines = terminalLines(newest?.text ?? "").map(({ runs }) => runs.map(({ text }) => text).join(""));
  return lines.findLast((line) => line.trim() !== "") ?? null;
}

/** A file of a step; that of a used runbook stands behind the step that uses it, as its name does. */
function fileOf(step: OpenStep, stream: string): string {
  const dot = step.step.lastIndexOf(".");
  let user = dot === -1 ? null : step.around;
  while (user !== null && user.step !== step.step.slice(0, dot)) user = user.around;
  const within = user === null ? "" : fileOf(user, "");
  return evidenceName(within, { ordinal: step.ordinal ?? 0, key: step.step.slice(dot + 1) }, step, stream);
}

/** For the eye alone: what cannot be read is not shown. */
function tailOf(file: string): Tail | null {
  try {
    return readTail(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return null;
  }
}

interface Tail {
  readonly text: string;
  readonly writtenAt: number;
}

function readTail(file: string): Tail | null {
  const descriptor = openSync(file, "r");
  try {
    const { size, mtimeMs } = fstatSync(descriptor);
    if (size === 0) return null;
    const tail = Buffer.alloc(Math.min(size, tailBytes));
    readSync(descriptor, tail, 0, tail.length, size - tail.length);
    return { text: tail.toString("utf8"), writtenAt: mtimeMs };
  } finally {
    closeSync(descriptor);
  }
}
