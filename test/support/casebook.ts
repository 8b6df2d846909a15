import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { inject } from "vitest";
import type { Event } from "../../src/model/event.js";
import { scratch } from "./scratch.js";

/** The bundled command line, as users have it. Throws when the sources do not build. */
export function cli(): string {
  const built = inject("cli");
  if ("error" in built) throw new Error(built.error);
  return built.path;
}

export interface Ran {
  /** The exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the real command line without a terminal. */
export function casebook(args: readonly string[], more: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Promise<Ran> {
  const child = spawn(process.execPath, [cli(), ...args], {
    cwd: more.cwd,
    env: { ...process.env, NO_COLOR: "1", ...more.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
    });
  });
}

/** A run of a runbook and what it left. */
export interface RanCase extends Ran {
  readonly folder: string;
  readonly events: readonly Event[];
  /** Events of one type, in order. */
  of<T extends Event["type"]>(type: T): readonly Extract<Event, { type: T }>[];
  /** How a step finished: the last of its `step-finished` events. */
  finished(step: string): Extract<Event, { type: "step-finished" }>;
  report(format: "md" | "html" | "json"): Promise<string>;
}

/** Runs a runbook given as text into a fresh case folder. `files` stand beside the runbook. */
export async function runText(
  runbook: string,
  args: readonly string[] = [],
  { files = {}, ...more }: { env?: NodeJS.ProcessEnv; files?: Readonly<Record<string, string>> } = {},
): Promise<RanCase> {
  const cwd = await scratch({ ...files, "test.yaml": runbook });
  const folder = join(cwd, "case");
  const ran = await casebook(["run", join(cwd, "test.yaml"), "--out", folder, ...args], { cwd, ...more });
  const events = await readEvents(folder);
  const of = <T extends Event["type"]>(type: T) =>
    events.filter((event): event is Extract<Event, { type: T }> => event.type === type);
  return {
    ...ran,
    folder,
    events,
    of,
    finished(step) {
      const found = of("step-finished").findLast((event) => event.step === step);
      if (found === undefined) throw new Error(`${step} did not finish:\n${ran.stderr}`);
      return found;
    },
    report: (format) => readFile(join(folder, `report.${format}`), "utf8"),
  };
}

async function readEvents(folder: string): Promise<readonly Event[]> {
  try {
    const text = await readFile(join(folder, "journal.ndjson"), "utf8");
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Event);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
