import { type ChildProcess, spawn } from "node:child_process";
import { TargetUnavailable } from "../target-unavailable.js";
import type { Way } from "./way.js";

/** A program of this machine that executes others somewhere. */
export interface Client {
  readonly program: string;
  /** What comes before the command that is to be executed there. */
  readonly args: readonly string[];
  /** How what it says of a failure reads, with what that means and what to do. */
  readonly meanings: readonly (readonly [said: RegExp, meaning: string])[];
}

/** The way through such a client, each shell a process of it. It carries no connections by itself. */
export function clientWay(url: string, { program, args, meanings }: Client): Way {
  // In a session of its own: no terminal's Ctrl-C reaches it.
  const shell = (bootstrap: string): ChildProcess =>
    spawn(program, [...args, "sh", "-c", bootstrap], { detached: true, stdio: ["pipe", "pipe", "pipe"] });
  return {
    first: shell,
    further: shell,
    forward: null,
    explain(printed) {
      const last = printed.trim().split("\n").at(-1)?.trim() ?? "";
      const said = last === "" ? "" : ` (${last})`;
      if (last === "ENOENT") return `expected ${program} on this machine, found none: install it`;
      const known = meanings.find(([pattern]) => pattern.test(printed));
      if (known !== undefined) return `expected a shell in ${url}: ${known[1]}${said}`;
      return `expected a shell in ${url}, found none: it needs sh, mktemp, mkfifo and bash or setsid${said}`;
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

/** The meaning that all clients share: most small images hold a program and nothing else. */
export const noShell = [
  /executable file not found|no such file or directory/i,
  "there is no sh in it, and casebook needs one: name another container, or look at its process from its host",
] as const;

/** A part of a URL that names something there; never an option. Throws `TargetUnavailable`. */
export function nameIn(url: string, part: string | undefined, expected: string): string {
  const name = part === undefined ? "" : decoded(part);
  if (name !== "" && !name.startsWith("-")) return name;
  throw new TargetUnavailable(`expected a host such as ${expected}, found ${url}`);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return ""; // a percent sign that escapes nothing
  }
}
