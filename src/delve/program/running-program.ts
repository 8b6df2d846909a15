import { collect } from "../../linux/collect.js";
import type { Target } from "../../model/target.js";
import { attachable, type RunningProgram } from "./attachable.js";

/** Facts as lines `name:\tvalue`, of the process and of the shell that asks. */
const script = `
pid=$1
field() { printf '%s:\\t%s\\n' "$1" "$2"; }
field boot "$(cat /proc/sys/kernel/random/boot_id)"
field scope "$(cat /proc/sys/kernel/yama/ptrace_scope 2>/dev/null)"
field capable "$(grep '^CapEff:' /proc/self/status | cut -f2)"
field own_capabilities "$(grep '^CapPrm:' /proc/self/status | cut -f2)"
field user "$(id -u)"
field own_namespace "$(readlink /proc/self/ns/pid)"
if stat=$(cat "/proc/$pid/stat" 2>/dev/null); then
  field stat "\${stat##*) }"
  grep -e '^Name:' -e '^Uid:' -e '^TracerPid:' -e '^CapPrm:' "/proc/$pid/status"
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
  return attachable(pid, stdout);
}
