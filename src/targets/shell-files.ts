import type { ByteSink } from "../model/evidence.js";
import type { Exit, Target } from "../model/target.js";
import { decodeUtf8 } from "../util/utf8.js";

type Run = Target["run"];

/** A file's bytes by way of `cat`, where there is no nearer way. Rejects with an error that has a node system error's `code`. */
export async function readByCommand(run: Run, path: string, signal: AbortSignal): Promise<Uint8Array> {
  const { bytes } = await shell(run, 'exec cat -- "$1"', [path], null, signal);
  return bytes;
}

/**
 * Replaces a file's bytes in place. `$2` is the size that it has, `$3` the one it gets. What makes it longer is written first, so
 * that a full disk leaves the file as it was; what is there already is then written over. busybox's `head` would take more of the
 * input than it passes on.
 */
const writeScript = `
if [ "$3" -gt "$2" ]; then
  dd bs="$(($3 - $2))" count=1 iflag=fullblock status=none >>"$1" || { truncate -s "$2" -- "$1"; exit 1; }
fi
dd of="$1" conv=notrunc,fsync iflag=fullblock bs=65536 status=none && truncate -s "$3" -- "$1"`;

/** As `Target.write`. Rejects with an error that has a node system error's `code`. */
export async function writeByCommand(run: Run, path: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  const stat = await shell(run, 'exec stat -L -c %s -- "$1"', [path], null, signal);
  const size = Number(decodeUtf8(stat.bytes));
  const input = Buffer.concat([bytes.subarray(size), bytes.subarray(0, size)]);
  await shell(run, writeScript, [path, String(size), String(bytes.length)], input, signal);
}

async function shell(
  run: Run,
  script: string,
  args: readonly string[],
  stdin: string | Uint8Array | null,
  signal: AbortSignal,
) {
  const stdout = memory();
  const stderr = memory();
  const argv = ["/bin/sh", "-c", `export LC_ALL=C\n${script}`, "file", ...args];
  const exit = await run(
    { argv, ...(stdin !== null && { stdin }) },
    { stdout: stdout.sink, stderr: stderr.sink },
    signal,
  );
  signal.throwIfAborted();
  if (exit.code !== 0) throw systemError(exit, decodeUtf8(stderr.bytes()), args[0] ?? "");
  return { bytes: stdout.bytes() };
}

const codes: readonly (readonly [said: RegExp, code: string])[] = [
  [/No such file or directory/, "ENOENT"],
  [/Permission denied|Operation not permitted/, "EACCES"],
  [/Is a directory/, "EISDIR"],
  [/No space left on device/, "ENOSPC"],
  [/Read-only file system/, "EROFS"],
  [/No such process/, "ESRCH"],
];

function systemError(exit: Exit, stderr: string, path: string): Error {
  const said = stderr.trim().split("\n").at(-1) ?? "";
  const code = codes.find(([text]) => text.test(stderr))?.[1] ?? "EIO";
  const message = said === "" ? `${code}: ${exit.code ?? exit.signal}, '${path}'` : `${code}: ${said}`;
  return Object.assign(new Error(message), { code, path });
}

function memory(): { readonly sink: ByteSink; bytes(): Uint8Array } {
  const chunks: Uint8Array[] = [];
  return {
    sink: { directFile: null, write: (chunk) => void chunks.push(Uint8Array.from(chunk)) },
    bytes: () => Buffer.concat(chunks),
  };
}
