import { constants } from "node:os";
import type { Exit } from "../../model/target.js";
import type { Shell } from "./programs.js";

/** Where the connection was lost nobody knows how a process ended. */
export const unknownExit: Exit = { code: null, signal: null };

/**
 * What a shell's status means. bash tells of each death by a signal but SIGINT and SIGPIPE; another shell tells of none, so that
 * there a status above 128 always reads as a signal.
 */
export function exitOf(code: number, told: boolean, shell: Shell): Exit {
  if (code <= 128 || !(told || shell === "sh" || code === 130 || code === 141)) return { code, signal: null };
  const name = Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0];
  return name === undefined ? { code, signal: null } : { code: null, signal: name };
}
