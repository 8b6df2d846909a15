import { hasName, processesByName } from "../../linux/by-name.js";
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

/** Every process has a name in `comm`; a program gets its own when it is executed, in a process that was there before. */
const watch = `
name=$1
while :; do
  for file in /proc/[0-9]*/comm; do
    IFS= read -r comm <"$file" || continue
    [ "$comm" = "$name" ] || continue
    read -r stat <"\${file%comm}stat" || continue
    case \${stat##*) } in Z* | X*) ;; *) exit 0 ;; esac
  done
  sleep 0.02
done 2>/dev/null`;

/**
 * Waits until a program with this name runs, also one that runs already, and yields its pid. Rejects when the signal aborts.
 * @throws StepFailure when there are several
 */
export async function waitForName(target: Target, name: string, signal: AbortSignal): Promise<number> {
  // The kernel keeps 15 bytes of a name.
  const kept = Buffer.from(name).subarray(0, 15).toString();
  while (!(await processesByName(target, name, signal)).some(({ comm }) => hasName(comm, name))) {
    await collect(target, { argv: ["/bin/sh", "-c", watch, "casebook-wait", kept] }, signal);
    signal.throwIfAborted();
  }
  return await findByName(target, name, signal);
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
