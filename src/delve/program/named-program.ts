import { processesByName } from "../../linux/by-name.js";
import { collect } from "../../linux/collect.js";
import { StepFailure } from "../../model/step-kind.js";
import type { Target } from "../../model/target.js";
import { nearMiss } from "../../util/near-miss.js";

/** The pid of the one process that goes by a name. @throws StepFailure when there is none, or which there are */
export async function findByName(target: Target, name: string, signal: AbortSignal): Promise<number> {
  const found = await processesByName(target, name, signal);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only.pid;
  if (only === undefined) {
    const near = nearMiss(name, await allNames(target, signal));
    throw new StepFailure(
      `expected one process with the name ${name}, found none${near === null ? "" : `; did you mean ${near}?`}`,
      { remedy: "to wait until it starts, write wait_for instead of process" },
    );
  }
  const candidates = await Promise.all(
    found.map(async ({ pid }) => `${pid} (${await commandOf(target, pid, signal)})`),
  );
  throw new StepFailure(
    `expected one process with the name ${name}, found ${found.length}: ${candidates.slice(0, 10).join(", ")}${found.length > 10 ? ", …" : ""}`,
    { remedy: "attach to one of them by its pid" },
  );
}

/**
 * Every process has a name in `comm`; a program gets its own when it is executed, in a process that was there before: so all are looked
 * at again and again, until the end of a look that has found some. Starts nothing but `sleep`.
 */
const watch = `
name=$1 found=
while [ -z "$found" ]; do
  for file in /proc/[0-9]*/comm; do
    IFS= read -r comm <"$file" || continue
    [ "$comm" = "$name" ] || continue
    read -r stat <"\${file%comm}stat" || continue
    case \${stat##*) } in Z* | X*) ;; *) found="$found \${stat%% *}" ;; esac
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
 * @throws StepFailure when there are several
 */
export async function waitForName(target: Target, name: string, signal: AbortSignal): Promise<number> {
  // The kernel keeps 15 bytes of a name.
  const kept = Buffer.from(name).subarray(0, 15).toString();
  const { stdout } = await collect(target, { argv: ["/bin/sh", "-c", watch, "casebook-wait", kept] }, signal);
  signal.throwIfAborted();
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
