import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultEnding, type Ending } from "../../model/target.js";
import { guardProgram } from "../guard.js";
import { cannotStart } from "./cannot-start.js";

/** What our processes on this machine are written into, and the guard that ends them when casebook does. */
export interface Registry extends AsyncDisposable {
  /** The file itself, for shells that write their own lines. */
  readonly path: string;
  /** How a process is to be ended, as a line's beginning: `+TERM 50 1 `. */
  prefix(ending: Ending | undefined): string;
  add(line: string): void;
  /** Notes that a process has ended. */
  remove(pid: number): void;
}

/**
 * Starts the guard, in a session of its own so that a terminal's Ctrl-C does not reach it. Rejects with a `StepFailure` when it cannot
 * be started: nothing runs without it.
 */
export async function openRegistry(): Promise<Registry> {
  let path: string;
  let guard: ChildProcess;
  try {
    path = join(mkdtempSync(join(tmpdir(), "casebook-")), "registry");
    writeFileSync(path, "", { mode: 0o600 });
    guard = spawn("/bin/sh", ["-c", guardProgram, "casebook-guard", path], {
      cwd: "/",
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    await once(guard, "spawn");
  } catch (error) {
    throw cannotStart("the guard of casebook's processes", error);
  }
  const gone = once(guard, "exit");
  return {
    path,
    prefix(ending = defaultEnding) {
      return `+${ending.signal} ${Math.ceil(ending.graceMilliseconds / 100)} ${ending.kill ? 1 : 0} `;
    },
    add: (line) => appendFileSync(path, `${line}\n`),
    remove(pid) {
      try {
        appendFileSync(path, `-${pid}\n`);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === undefined) throw error; // its start time tells it from later ones
      }
    },
    async [Symbol.asyncDispose]() {
      guard.stdin?.end();
      await gone;
    },
  };
}

/** The line of /proc/PID/stat. Throws a node system error when there is no such process. */
export const statLine = (pid: number): string => readFileSync(`/proc/${pid}/stat`, "utf8").trim();

/** Field 22 of a stat line; the second field may hold spaces and parentheses. */
export const startTicks = (stat: string): string => stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
