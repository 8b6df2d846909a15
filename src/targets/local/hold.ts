import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import type { ByteSink } from "../../model/evidence.js";
import { type Command, defaultEnding, type Exit, type HeldProcess, type Output } from "../../model/target.js";
import { give } from "../environment.js";
import { stopHeld } from "../stop-held.js";
import { cannotStart } from "./cannot-start.js";
import { endLeftovers, signalGroup } from "./group.js";
import { type Registry, startTicks, statLine } from "./registry.js";

/**
 * The gate: the process waits for a line on descriptor 3, then becomes the command. Should casebook die before, `read` fails and
 * nothing of the command ever runs. `$1` is the folder to work in, or empty; one that is not there is the command's failure, not ours.
 */
const gate = `IFS= read -r go <&3 && [ "$go" = go ] || exit 125
exec 3<&-
[ -z "$1" ] || CDPATH= cd -- "$1" || exit 126
shift
exec "$@"`;

/** How long pipes may stay open in the hands of a process that left our group, after the leader has ended. */
const drainMilliseconds = 1000;

/** Starts a process behind its gate, registered with the guard. Rejects with a `StepFailure` when it cannot be started. */
export async function hold(
  command: Command,
  output: Output,
  options: { readonly stdin: boolean },
  registry: Registry,
): Promise<HeldProcess> {
  const ending = command.ending ?? defaultEnding;
  const wantsInput = options.stdin || command.stdin !== undefined;
  const { exported, before } = give(command.env ?? {});
  let child: ChildProcess;
  const opened: number[] = [];
  try {
    const [out, err] = [stdio(output.stdout, opened), stdio(output.stderr, opened)];
    child = spawn("/bin/sh", ["-c", gate, "sh", command.cwd ?? "", ...before, ...command.argv], {
      env: { ...process.env, ...exported },
      detached: true,
      stdio: [wantsInput ? "pipe" : "ignore", out, err, "pipe"],
    });
    await started(child);
  } catch (error) {
    throw cannotStart(command.argv[0] ?? "a program", error);
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
  const pid = child.pid ?? 0; // it has started
  const stat = statLine(pid);
  try {
    registry.add(`${registry.prefix(ending)}${stat}`);
  } catch (error) {
    child.kill("SIGKILL"); // it still waits at its gate
    throw cannotStart(command.argv[0] ?? "a program", error);
  }

  const drained = Promise.all([drain(child.stdout, output.stdout), drain(child.stderr, output.stderr)]);
  const exit = ended(child, pid, ending, drained).finally(() => registry.remove(pid));
  const opener = child.stdio[3] as NodeJS.WritableStream; // asked for above
  opener.on("error", ignoreClosed);
  child.stdin?.on("error", ignoreClosed);
  let released = false;
  const release = (): void => {
    if (released) return;
    released = true;
    opener.end("go\n");
    if (!options.stdin) child.stdin?.end(command.stdin ?? "");
  };
  return {
    identity: { pid, startTicks: startTicks(stat), bootId: bootId() },
    release,
    stdin: options.stdin ? child.stdin : null,
    exit,
    stop: (signal) => stopHeld({ pid, ending, exit, send: (name) => signalGroup(pid, name) }, signal),
  };
}

const started = (child: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });

async function ended(
  child: ChildProcess,
  pid: number,
  ending: typeof defaultEnding,
  drained: Promise<unknown>,
): Promise<Exit> {
  const exit = await new Promise<Exit>((resolve) => child.once("exit", (code, signal) => resolve({ code, signal })));
  await endLeftovers(pid, ending);
  // A daemon that left the group may hold the pipes for ever.
  const timer = setTimeout(() => {
    child.stdout?.destroy();
    child.stderr?.destroy();
  }, drainMilliseconds);
  await drained;
  clearTimeout(timer);
  return exit;
}

/** The child's own descriptor of the evidence file, or a pipe where the bytes must pass through here. */
function stdio(sink: ByteSink, opened: number[]): number | "pipe" {
  if (sink.directFile === null) return "pipe";
  const descriptor = openSync(sink.directFile, "a");
  opened.push(descriptor);
  return descriptor;
}

function drain(stream: Readable | null, sink: ByteSink): Promise<void> {
  if (stream === null) return Promise.resolve();
  return new Promise((resolve, reject) => {
    stream.on("data", (chunk: Buffer) => {
      const taken = sink.write(chunk);
      if (taken === undefined) return;
      stream.pause();
      taken.then(() => stream.resume(), reject);
    });
    stream.once("close", resolve);
    stream.once("error", reject);
  });
}

/** Who does not read its input is free not to. */
function ignoreClosed(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE" && error.code !== "ECONNRESET" && error.code !== "ERR_STREAM_DESTROYED") throw error;
}

const bootId = (): string => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
