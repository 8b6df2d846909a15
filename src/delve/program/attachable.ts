import { StepFailure } from "../../model/step-kind.js";
import type { ProcessIdentity } from "../../model/target.js";

/** A process to which Delve may be attached. */
export interface RunningProgram {
  readonly identity: ProcessIdentity;
  /** Where its executable is read: the kernel's link, which works for a deleted file and one in another file system too. */
  readonly link: string;
  /** What a person calls it: `kubelet (process 4711)`. */
  readonly title: string;
}

/**
 * Whether a debugger can be attached to a process.
 * @param facts lines `name:\tvalue` of the process and of whoever would attach
 * @throws StepFailure that says why not
 */
export function attachable(pid: number, facts: string): RunningProgram {
  const field = (name: string): string => new RegExp(`^${name}:[\\t ]*(.*)$`, "m").exec(facts)?.[1]?.trim() ?? "";
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
  // The flags are the ninth field of the stat.
  if ((Number(rest[5]) & kernelThread) !== 0) {
    throw new StepFailure(`${expected}, but it has no executable: it is a part of the kernel`);
  }
  refuseForbidden(expected, field);
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

/** PF_KTHREAD: https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/include/linux/sched.h */
const kernelThread = 0x0020_0000;

/** Bit 19 of the capabilities. */
const sysPtrace = 1n << 19n;

/** What the kernel would refuse: https://docs.kernel.org/admin-guide/LSM/Yama.html, ptrace(2) and capabilities(7). */
function refuseForbidden(expected: string, field: (name: string) => string): void {
  const bits = (name: string): bigint => BigInt(`0x${field(name) || "0"}`);
  const scope = Number(field("scope") || 0);
  if (scope === 3) {
    throw new StepFailure(`${expected}, but this kernel lets nobody attach (kernel.yama.ptrace_scope = 3)`, {
      remedy: "only a reboot changes that; start the program under Delve with `exec` on another host",
    });
  }
  if ((bits("capable") & sysPtrace) !== 0n) {
    if (field("executable") !== "") return;
    throw new StepFailure(`${expected}, but the kernel lets nobody here look into it`, {
      remedy: "it is of another user namespace, or protected: run casebook on the host that it belongs to",
    });
  }
  const remedy = "say `become: true` in the step; in a container, give it the capability SYS_PTRACE";
  const owner = field("Uid").split(/\s+/)[1] ?? "";
  if (owner !== field("user")) {
    throw new StepFailure(`${expected}, but it belongs to user ${owner}, and casebook works as user ${field("user")}`, {
      remedy,
    });
  }
  if ((bits("CapPrm") & ~bits("own_capabilities")) !== 0n) {
    throw new StepFailure(`${expected}, but it may do more than casebook, which lacks the capability SYS_PTRACE`, {
      remedy,
    });
  }
  if (field("executable") === "") {
    throw new StepFailure(`${expected}, but the kernel lets this user not look into it`, { remedy });
  }
  if (scope === 0) return;
  throw new StepFailure(`${expected}, but that is not permitted to this user (kernel.yama.ptrace_scope = ${scope})`, {
    remedy: scope === 1 ? `${remedy}; or sysctl kernel.yama.ptrace_scope=0` : remedy,
  });
}
