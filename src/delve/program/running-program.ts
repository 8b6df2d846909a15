import { collect } from "../../linux/collect.js";
import type { Target } from "../../model/target.js";
import { attachable, type RunningProgram } from "./attachable.js";

/** Facts as lines `name:\tvalue`, of the process and of the shell that asks, which starts as little as it can: a program waits to be attached to. */
const script = `
pid=$1
field() { printf '%s:\\t%s\\n' "$1" "$2"; }
line() { text=; { IFS= read -r text <"$1"; } 2>/dev/null; [ -n "$text" ]; }
line /proc/sys/kernel/random/boot_id; field boot "$text"
line /proc/sys/kernel/yama/ptrace_scope; field scope "$text"
while read -r key value; do
  case $key in
  Uid:) set -- $value; field user "$2" ;;
  CapPrm:) field own_capabilities "$value" ;;
  CapEff:) field capable "$value" ;;
  esac
done </proc/self/status
if line "/proc/$pid/stat"; then
  # A name may hold a line break.
  case $text in *") "*) ;; *) text=$(cat "/proc/$pid/stat" 2>/dev/null) ;; esac
  field stat "\${text##*) }"
  tracer=0
  while IFS= read -r status; do
    case $status in
    Name:* | Uid:* | CapPrm:*) printf '%s\\n' "$status" ;;
    TracerPid:*) printf '%s\\n' "$status"; tracer=\${status#TracerPid:?} ;;
    esac
  done 2>/dev/null <"/proc/$pid/status"
  field executable "$(readlink "/proc/$pid/exe" 2>/dev/null)"
  [ "$tracer" = 0 ] || { line "/proc/$tracer/comm"; field tracer "$text"; }
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
