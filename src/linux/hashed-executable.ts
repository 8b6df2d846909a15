import type { Target } from "../model/target.js";
import { collect } from "./collect.js";

/** Which binary was examined: where it lies, and what it is. Both null where that cannot be told. */
export interface HashedExecutable {
  readonly executable: string | null;
  readonly executable_sha256: string | null;
}

export const unknownExecutable: HashedExecutable = { executable: null, executable_sha256: null };

/** A running one that was replaced is read all the same, and its path ends with ` (deleted)`. */
const script = `
path=$1
[ -z "$2" ] || cd -- "$2" || exit 3
case $path in */*) ;; *) path=$(command -v -- "$path") || exit 3 ;; esac
sha256sum <"$path" || exit 3
case $path in /proc/*) readlink -- "$path" ;; *) readlink -f -- "$path" ;; esac`;

/** @param path of a file, a program on PATH, or `/proc/PID/exe`; relative to `cwd`, or where commands run */
export async function hashExecutable(
  target: Target,
  path: string,
  signal: AbortSignal,
  cwd: string | null = null,
): Promise<HashedExecutable> {
  const argv = ["/bin/sh", "-c", script, "sh", path, cwd ?? ""];
  const { exit, stdout } = await collect(target, { argv }, signal);
  signal.throwIfAborted();
  const [, sha256, executable] = /^([0-9a-f]{64}) .*\n(.+)\n$/.exec(stdout) ?? [];
  if (exit.code !== 0 || sha256 === undefined || executable === undefined) return unknownExecutable;
  return { executable, executable_sha256: sha256 };
}
