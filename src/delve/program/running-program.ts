import { collect } from "../../linux/collect.js";
import { StepFailure } from "../../model/step-kind.js";
import type { ProcessIdentity, Target } from "../../model/target.js";

/** A process to which Delve may be attached. */
export interface RunningProgram {
  readonly identity: ProcessIdentity;
  /** Where its executable is read: the kernel's link, which works for a deleted file and one in another file system too. */
  readonly link: string;
  /** What a person calls it: `kubelet (process 4711)`. */
  readonly title: string;
}

/** Facts as lines `name:\tvalue`, of the process and of the shell that asks. */
const script = `
pid=$1
field() { printf '%s:\\t%s\\n' "$1" "$2"; }
field boot "$(cat /proc/sys/kernel/random/boot_id)"
field scope "$(cat /proc/sys/kernel/yama/ptrace_scope 2>/dev/null)"
field capable "$(grep '^CapEff:' /proc/self/status | cut -f2)"
field user "$(id -u)"
field own_namespace "$(readlink /proc/self/ns/pid)"
if stat=$(cat "/proc/$pid/stat" 2>/dev/null); then
  field stat "\${stat##*) }"
  grep -e '^Name:' -e '^Uid:' -e '^TracerPid:' "/proc/$pid/status"
  field executable "$(readlink "/proc/$pid/exe" 2>/dev/null)"
  tracer=$(grep '^TracerPid:' "/proc/$pid/status" | cut -f2)
  [ "\${tracer:-0}" = 0 ] || field tracer "$(cat "/proc/$tracer/comm" 2>/dev/null)"
else
  for status in /proc/[0-9]*/status; do
    grep -q "^NSpid:.*[[:space:]]$pid\\$" "$status" 2>/dev/null && field inside "\${status%/status}"
  done
fi
exit 0`;

/**
 * Looks at a process before anything is done to it.
 * @throws StepFailure that says why no debugger can be attached
 */
export async function examineProgram(target: Target, pid: number, signal: AbortSignal): Promise<RunningProgram> {
  const { stdout } = await collect(target, { argv: ["/bin/sh", "-c", script, "sh", String(pid)] }, signal);
  signal.throwIfAborted();
  const field = (name: string): string => new RegExp(`^${name}:[\\t ]*(.*)$`, "m").exec(stdout)?.[1]?.trim() ?? "";
  const [state = "", ...rest] = field("stat").split(" ");
  if (state === "" || state === "X") throw noSuchProcess(pid, field("inside"));
  const title = `${field("Name")} (process ${pid})`;
  const expected = `expected to attach Delve to ${title}`;
  if (state === "Z") {
    throw new StepFailure(`${expected}, but it has ended and only waits for its parent to notice (a zombie)`);
  }
  const tracer = field("TracerPid");
  if (tracer !== "" && tracer !== "0") {
    const who = `${field("tracer") || "a process that is not to be seen from here"} (process ${tracer})`;
    throw new StepFailure(`${expected}, but ${who} traces it already, and a process has one tracer`, {
      remedy: `detach ${who} first, or put this step behind the one that traces`,
    });
  }
  if (state === "T") {
    throw new StepFailure(`${expected}, but it was stopped by a signal (state T)`, {
      remedy: `let it run first: kill -CONT ${pid}`,
    });
  }
  refuseForbidden(expected, field("Uid").split(/\s+/)[1] ?? "", field);
  if (field("executable") === "") {
    throw new StepFailure(`${expected}, but it has no executable: it is a part of the kernel`);
  }
  return {
    // State is the third field of the stat, the start time the 22nd.
    identity: { pid, startTicks: rest[18] ?? "", bootId: field("boot") },
    link: `/proc/${pid}/exe`,
    title,
  };
}

function noSuchProcess(pid: number, inside: string): StepFailure {
  const other = inside.replace("/proc/", "");
  if (other !== "") {
    return new StepFailure(`expected a process with pid ${pid}, found none`, {
      remedy: `process ${other} has that pid in a namespace (container) of its own: on this host it is ${other}`,
    });
  }
  return new StepFailure(`expected a process with pid ${pid}, found none`, {
    remedy: "find it anew: its pid changes at every start",
  });
}

/** Bit 19 of the capabilities. */
const sysPtrace = 1n << 19n;

/** What the kernel would refuse: https://docs.kernel.org/admin-guide/LSM/Yama.html and ptrace(2). */
function refuseForbidden(expected: string, owner: string, field: (name: string) => string): void {
  const capable = (BigInt(`0x${field("capable") || "0"}`) & sysPtrace) !== 0n;
  const scope = Number(field("scope") || 0);
  if (scope === 3) {
    throw new StepFailure(`${expected}, but this kernel lets nobody attach (kernel.yama.ptrace_scope = 3)`, {
      remedy: "only a reboot changes that; start the program under Delve with `exec` on another host",
    });
  }
  if (capable) return;
  const remedy = "say `become: true` in the step; in a container, give it the capability SYS_PTRACE";
  if (owner !== field("user")) {
    throw new StepFailure(`${expected}, but it belongs to user ${owner}, and casebook works as user ${field("user")}`, {
      remedy,
    });
  }
  if (scope === 0) return;
  throw new StepFailure(`${expected}, but that is not permitted to this user (kernel.yama.ptrace_scope = ${scope})`, {
    remedy: scope === 1 ? `${remedy}; or sysctl kernel.yama.ptrace_scope=0` : remedy,
  });
}
