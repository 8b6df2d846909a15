import { processesByName } from "../../linux/by-name.js";
import { collect } from "../../linux/collect.js";
import { StepFailure } from "../../model/step-kind.js";
import type { Target } from "../../model/target.js";
import { nearMiss } from "../../util/near-miss.js";

/** The kernel keeps this many bytes of a name. */
const keptBytes = 15;

/**
 * Whether the process `$1` is called `$2` in full, where the kernel keeps only a part of that: by the command that started it, or by its
 * executable's name.
 */
const fullName = `
called() {
  argument=$(tr '\\0' '\\n' <"/proc/$1/cmdline" | head -n 1)
  [ "\${argument##*/}" = "$2" ] && return
  executable=$(readlink "/proc/$1/exe")
  executable=\${executable% (deleted)}
  [ "\${executable##*/}" = "$2" ]
}`;

/** The pid of the one process that goes by a name. @throws StepFailure when there is none, or which there are */
export async function findByName(target: Target, name: string, signal: AbortSignal): Promise<number> {
  const alike = (await processesByName(target, name, signal)).map(({ pid }) => pid);
  const found = isKept(name) ? alike : await calledInFull(target, alike, name, signal);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  if (only === undefined) throw await noneFound(target, name, alike, signal);
  throw new StepFailure(
    `expected one process with the name ${name}, found ${found.length}: ${await listed(target, found, signal)}`,
    { remedy: "attach to one of them by its pid" },
  );
}

const isKept = (name: string): boolean => Buffer.byteLength(name) <= keptBytes;

async function calledInFull(
  target: Target,
  pids: readonly number[],
  name: string,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const script = `${fullName}
name=$1; shift
for pid; do called "$pid" "$name" && echo "$pid"; done 2>/dev/null; :`;
  const argv = ["/bin/sh", "-c", script, "sh", name, ...pids.map(String)];
  const { stdout } = await collect(target, { argv }, signal);
  signal.throwIfAborted();
  return stdout.split("\n").filter(Boolean).map(Number);
}

async function noneFound(
  target: Target,
  name: string,
  alike: readonly number[],
  signal: AbortSignal,
): Promise<StepFailure> {
  const expected = `expected one process with the name ${name}, found none`;
  const last = name.split("/").at(-1) ?? name;
  if (alike.length > 0) {
    return new StepFailure(
      `${expected}: called otherwise behind its first 15 bytes is ${await listed(target, alike, signal)}`,
      {
        remedy: "attach by the pid if it is that one",
      },
    );
  }
  const near = nearMiss(last, await allNames(target, signal)) ?? (last === name ? null : last);
  return new StepFailure(`${expected}${near === null ? "" : `; did you mean ${near}?`}`, {
    remedy:
      last === name
        ? "to wait until it starts, write wait_for instead of process"
        : "a process has a name without folders",
  });
}

async function listed(target: Target, pids: readonly number[], signal: AbortSignal): Promise<string> {
  const shown = await Promise.all(
    pids.slice(0, 10).map(async (pid) => `${pid} (${await commandOf(target, pid, signal)})`),
  );
  return `${shown.join(", ")}${pids.length > shown.length ? ", …" : ""}`;
}

/**
 * Every process has a name in `comm`; a program gets its own when it is executed, in a process that was there before: so all are looked
 * at again and again, until the end of a look that has found some. Starts nothing but `sleep`, unless a name is longer than what `comm`
 * holds: then `$2` is the whole of it.
 */
const watch = `${fullName}
name=$1 whole=$2 found=
while [ -z "$found" ]; do
  for file in /proc/[0-9]*/comm; do
    IFS= read -r comm <"$file" || continue
    [ "$comm" = "$name" ] || continue
    read -r stat <"\${file%comm}stat" || continue
    case \${stat##*) } in Z* | X*) continue ;; esac
    [ -z "$whole" ] || called "\${stat%% *}" "$whole" || continue
    found="$found \${stat%% *}"
  done
  [ -n "$found" ] || sleep 0.02
done 2>/dev/null
echo $found`;

/**
 * Waits until a program with this name runs, also one that runs already, and yields its pid. Rejects when the signal aborts.
 *
 * Delve can wait by itself from 1.22 on (`--waitfor`), which is not used: it compares the beginning of the whole command line, so that a
 * name does not match a program started by its path, but matches a longer name; it looks at each process once, and misses one that it
 * has seen before the program was executed in it; and it attaches before anybody has seen whether it can debug what it has found.
 * @throws StepFailure when there are several, or when there was none until the signal aborted
 */
export async function waitForName(target: Target, name: string, signal: AbortSignal): Promise<number> {
  const kept = Buffer.from(name).subarray(0, keptBytes).toString();
  const argv = ["/bin/sh", "-c", watch, "casebook-wait", kept, isKept(name) ? "" : name];
  const { stdout } = await collect(target, { argv }, signal);
  if (signal.aborted) throw new StepFailure(`no process with the name ${name} was seen`);
  const [pid = "", ...others] = stdout.trim().split(" ");
  return pid === "" || others.length > 0 ? await findByName(target, name, signal) : Number(pid);
}

async function commandOf(target: Target, pid: number, signal: AbortSignal): Promise<string> {
  const argv = ["/bin/sh", "-c", `tr '\\0' ' ' </proc/${pid}/cmdline`];
  const { stdout } = await collect(target, { argv }, signal);
  return stdout.trim().slice(0, 100);
}

async function allNames(target: Target, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const { stdout } = await collect(target, { argv: ["/bin/sh", "-c", "cat /proc/[0-9]*/comm || :"] }, signal);
  return new Set(stdout.split("\n").filter((line) => line !== ""));
}
