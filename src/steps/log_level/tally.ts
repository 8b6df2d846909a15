import { randomBytes } from "node:crypto";
import { collect } from "../../linux/collect.js";
import { StepFailure } from "../../model/step-kind.js";
import type { Target } from "../../model/target.js";

/** A file on the host with a line for each signal: `+` for one that was sent, `-` for one that took it back. */
export type Tally = string;

/** How long one command about a tally may take. */
const commandMilliseconds = 5000;

const placeScript = `for place in "\${TMPDIR:-/tmp}" /tmp /var/tmp /dev/shm "\${HOME:-/}"; do
  [ -d "$place" ] && [ -w "$place" ] && echo "$place" && exit
done
exit 1`;

/** Never through what is there already. Written beforehand, so that a disk that becomes full meanwhile has the room. */
const createScript = `umask 077
set -C
echo signals >"$1"`;

/** Not to be ended between its two deeds: the tally would be wrong. */
const sendScript = `trap '' HUP INT TERM QUIT
kill -s "$2" -- "$3" && echo "$4" >>"$1"`;

/**
 * Where a tally can be, for the journal to have before it is there.
 * @throws StepFailure when the host has no place for it
 */
export async function placeTally(target: Target, signal: AbortSignal): Promise<Tally> {
  const { exit, stdout } = await collect(target, { argv: ["/bin/sh", "-c", placeScript] }, signal);
  signal.throwIfAborted();
  const place = stdout.replace(/\n$/, "");
  if (exit.code === 0) return `${place}/casebook-level-${randomBytes(8).toString("hex")}`;
  throw new StepFailure(
    "expected a folder to write a small file into, found none among TMPDIR, /tmp, /var/tmp, /dev/shm",
  );
}

/** @throws StepFailure when it cannot be written */
export async function createTally(tally: Tally, target: Target, signal: AbortSignal): Promise<void> {
  const argv = ["/bin/sh", "-c", createScript, "tally", tally];
  const { exit, stderr } = await collect(target, { argv }, signal);
  signal.throwIfAborted();
  if (exit.code !== 0) throw new StepFailure(`expected to write ${tally} on the host, but: ${stderr.trim()}`);
}

/**
 * Sends a signal and writes that down, in one go that nothing but SIGKILL cuts short, also when casebook has gone. Gives the reason
 * why it could not be sent, or null.
 */
export async function sendCounted(
  tally: Tally,
  mark: "+" | "-",
  name: string,
  pid: number,
  target: Target,
): Promise<string | null> {
  const argv = ["/bin/sh", "-c", sendScript, "signal", tally, name, String(pid), mark];
  const { exit, stderr } = await collect(target, { argv }, AbortSignal.timeout(commandMilliseconds));
  if (exit.code === 0) return null;
  return stderr.trim() || `kill ended with ${exit.code ?? exit.signal}`;
}

/** How many signals are still to be taken back; null when there is no tally any more. */
export async function countOf(tally: Tally, target: Target, signal: AbortSignal): Promise<number | null> {
  const script = 'if [ -e "$1" ]; then cat -- "$1"; else echo none; fi';
  const { exit, stdout, stderr } = await collect(target, { argv: ["/bin/sh", "-c", script, "tally", tally] }, signal);
  signal.throwIfAborted();
  if (exit.code !== 0) throw new StepFailure(`expected to read ${tally}, but: ${stderr.trim()}`);
  if (stdout.trim() === "none") return null;
  return [...stdout].reduce((sum, mark) => sum + (mark === "+" ? 1 : mark === "-" ? -1 : 0), 0);
}

/** Nothing is left to be taken back. */
export async function removeTally(tally: Tally, target: Target, signal: AbortSignal): Promise<void> {
  await collect(target, { argv: ["rm", "-f", "--", tally] }, signal);
}
