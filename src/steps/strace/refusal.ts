import { readStat } from "../../linux/identity.js";
import { readThreads } from "../../linux/threads.js";
import { StepFailure } from "../../model/step-kind.js";
import type { Exit, Target } from "../../model/target.js";
import { decodeUtf8 } from "../../util/utf8.js";

/** The author of a runbook reads this when strace could not attach: which of the reasons it was, and the remedy. */
export async function refusal(
  target: Target,
  pid: number,
  exit: Exit,
  stderr: string,
  signal: AbortSignal,
): Promise<StepFailure> {
  const expected = `expected strace to attach to process ${pid}`;
  if (exit.code === 127 || exit.code === 126) {
    return new StepFailure("expected strace on the host, found none that could be started", {
      remedy: "install it (Debian: `apt-get install strace`)",
    });
  }
  const threads = await readThreads(target, pid, signal);
  if (threads.length === 0) {
    return new StepFailure(`${expected}, but there is no such process`, {
      remedy: "find it anew: its pid changes at every start",
    });
  }
  const tracer = threads.find((thread) => thread.tracer !== 0)?.tracer;
  if (tracer !== undefined) {
    const name = (await readStat(target, tracer, signal))?.comm;
    const who = name === undefined ? `process ${tracer}` : `${name} (process ${tracer})`;
    return new StepFailure(`${expected}, but ${who} traces it already, and a process has one tracer`, {
      remedy: `detach ${who} first, or put this step behind the one that traces`,
    });
  }
  if (/Operation not permitted|Permission denied/.test(stderr)) return await forbidden(expected, target, signal);
  const said = messages(stderr);
  return new StepFailure(`${expected}, but it ended with ${describeExit(exit)}${said === "" ? "" : `: ${said}`}`);
}

/** Yama's ptrace_scope: https://docs.kernel.org/admin-guide/LSM/Yama.html */
async function forbidden(expected: string, target: Target, signal: AbortSignal): Promise<StepFailure> {
  const scope = await ptraceScope(target, signal);
  if (scope === "3") {
    return new StepFailure(`${expected}, but this kernel lets nobody attach (kernel.yama.ptrace_scope = 3)`, {
      remedy: "only a reboot changes that; trace the program from its start with `command:` on another host",
    });
  }
  const yama =
    scope === "1" || scope === "2" ? ` (kernel.yama.ptrace_scope = ${scope} restricts it beyond the user's own)` : "";
  return new StepFailure(`${expected}, but that is not permitted to this user${yama}`, {
    remedy: "say `become: true` in the step; in a container, give it the capability SYS_PTRACE",
  });
}

async function ptraceScope(target: Target, signal: AbortSignal): Promise<string | null> {
  try {
    return decodeUtf8(await target.read("/proc/sys/kernel/yama/ptrace_scope", signal)).trim();
  } catch (error) {
    // A kernel without Yama has no such file.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/** What strace said about itself, on one line. */
const messages = (stderr: string): string =>
  stderr
    .split("\n")
    .map((line) => line.replace(/^strace: /, "").trim())
    .filter((line) => line !== "")
    .slice(0, 3)
    .join("; ");

/** `exit code 1`, `SIGKILL`. */
export const describeExit = (exit: Exit): string =>
  exit.code === null ? String(exit.signal) : `exit code ${exit.code}`;
