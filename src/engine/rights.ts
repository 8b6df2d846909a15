import type { Target } from "../model/target.js";
import { printed } from "./printed.js";

/** What the kernel lets a user's processes do on a host. */
export interface Rights {
  readonly user: string;
  readonly uid: number;
  /** CapEff of /proc/PID/status. */
  readonly capabilities: bigint;
  /** kernel.yama.ptrace_scope, or null where the kernel has no Yama: https://docs.kernel.org/admin-guide/LSM/Yama.html */
  readonly ptraceScope: number | null;
  /** A filter of system calls is in force, as container runtimes set it. */
  readonly filtered: boolean;
}

/** With nothing but the shell, so that a host that lacks everything else is told of all the same. */
const script = `
printf 'user:\\t%s\\n' "$(id -un 2>/dev/null)"
printf 'scope:\\t%s\\n' "$( [ ! -r /proc/sys/kernel/yama/ptrace_scope ] || { read -r scope </proc/sys/kernel/yama/ptrace_scope; echo "$scope"; })"
while IFS= read -r line; do printf '%s\n' "$line"; done </proc/self/status`;

/** Asks the host, as the user that the target stands for. Rejects with `StepFailure` when that user may not be become. */
export async function readRights(target: Target, signal: AbortSignal): Promise<Rights> {
  return parseRights((await printed(target, ["/bin/sh", "-c", script], signal)).stdout);
}

/** Pure part of `readRights`: lines of `name:\tvalue`. */
export function parseRights(text: string): Rights {
  const field = (name: string): string => new RegExp(`^${name}:[\\t ]*(.*)$`, "m").exec(text)?.[1]?.trim() ?? "";
  const scope = field("scope");
  const uid = Number(field("Uid").split(/\s+/)[1]); // real, effective, saved, of the file system
  return {
    user: field("user") || `uid ${uid}`,
    uid,
    capabilities: /^[0-9a-f]+$/.test(field("CapEff")) ? BigInt(`0x${field("CapEff")}`) : 0n,
    ptraceScope: scope === "" ? null : Number(scope),
    filtered: field("Seccomp") === "2",
  };
}

/** Bit 19, in linux/capability.h. */
const capSysPtrace = 1n << 19n;

/** Which processes may be traced: any, running ones of the same user, only those that the tracer itself starts, none. */
export type TracingReach = "any" | "user" | "own" | "none";

export interface Tracing {
  readonly reach: TracingReach;
  /** What the reach follows from. */
  readonly why: string;
  /** How to reach further; null when nothing is beyond. */
  readonly remedy: string | null;
}

const becomeRoot = "say `become: true` in the step, or run casebook as root; in a container, give it CAP_SYS_PTRACE";
const loosen = "sysctl kernel.yama.ptrace_scope=0 for processes of the same user";

/** What these rights mean for strace and Delve. */
export function tracingOf({ capabilities, ptraceScope, filtered }: Rights): Tracing {
  const capable = (capabilities & capSysPtrace) !== 0n;
  const scope = ptraceScope === null ? "no Yama" : `kernel.yama.ptrace_scope = ${ptraceScope}`;
  const filter = filtered ? ", under a seccomp filter" : "";
  const why = `${capable ? "CAP_SYS_PTRACE" : "no CAP_SYS_PTRACE"}, ${scope}${filter}`;
  if (ptraceScope === 3) return { reach: "none", why, remedy: "only a reboot of the host lowers the scope from 3" };
  if (capable) return { reach: "any", why, remedy: null };
  if (ptraceScope === 2) return { reach: "none", why, remedy: `${becomeRoot}; or ${loosen}` };
  if (ptraceScope === 1) return { reach: "own", why, remedy: `${becomeRoot}; or ${loosen}` };
  return { reach: "user", why, remedy: becomeRoot };
}
