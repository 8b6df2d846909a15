import type { Ending, ProcessIdentity } from "../../model/target.js";
import type { StopClock } from "../session/stop-clock.js";
import { cancelStep } from "./cancel-step.js";

/**
 * SIGUSR1 asks the leash to let go; Delve itself, in the same group, is not ended by it, as no Go program is. Delve is never killed:
 * that would leave its breakpoints in the program's code.
 */
export const attachedEnding: Ending = { signal: "USR1", graceMilliseconds: 5000, kill: false };

/**
 * Runs Delve, attached to a program, beside it on the host, and has it let go of the program when casebook asks (SIGUSR1), has ended
 * (end of input), or is silent for too long (frozen, or cut off). A line of input is a `Lease`.
 *
 * `$1` the program's pid, `$2` its start time (field 22 of its stat), `$3` hundredths of a second that loading may take when it
 * is to be let go, `$4` what cancels a step; the rest: Delve's command.
 *
 * Delve lets go at SIGINT, once it has loaded the program; it is started with SIGINT ignored (jobs in the background are: POSIX.1,
 * 2.11), so that none ends it in the middle of loading. To let go of a program that runs, Delve first halts it by a SIGTRAP; when that
 * meets a breakpoint it stays pending, and kills the program once nobody traces it. So where breakpoints are set, the program is
 * first given a second to come to one by itself: while it stands, Delve lets go without that signal. A step that stands half
 * done is cancelled before.
 *
 * Delve, like every Go program, dies of writing into a pipe that nobody reads, and casebook may be gone: what it prints goes
 * through a process that outlives both.
 *
 * A program whose tracer ended between attaching and detaching may be left stopped; it is continued.
 */
const leash = `
trap : USR1 TERM HUP INT
{
pid=$1 start=$2 limit=$3 cancel=$4; shift 4
leader=$(exec sh -c 'echo $PPID')
asked= armed= cancelling=
trap 'asked=1' USR1 TERM HUP INT
trap 'armed=1' USR2
trap 'armed=' CONT
exec 3<&0 </dev/null 4>&2 2>/dev/null
uptime() { read -r now rest </proc/uptime; now=\${now%.*}\${now#*.}; }
state() {
  state=
  read -r stat 2>/dev/null <"/proc/$pid/stat" || return 1
  set -- \${stat##*) }
  [ "\${20}" = "$start" ] && state=$1
}
loading() { grep -q '^SigIgn:.*[2367abef]$' "/proc/$delve/status" 2>/dev/null; }
look() {
  trap_pending= switches=
  while read -r key value; do
    case $key in
    ShdPnd:) case $value in *[13579bdf]?) trap_pending=1 ;; esac ;;
    voluntary_ctxt_switches:) switches=$value ;;
    esac
  done 2>/dev/null <"/proc/$pid/status"
}
ready() { [ -z "$trap_pending" ] && ! kill -0 "$cancelling" 2>/dev/null; }
state
before=$state
uptime
begun=$now
"$@" 3<&- 2>&4 4>&- &
delve=$!
{
  trap - USR1 TERM HUP INT USR2 CONT
  timer=
  while read -r seconds breakpoints; do
    case $breakpoints in armed) kill -s USR2 "$leader" ;; *) kill -s CONT "$leader" ;; esac
    [ -z "$timer" ] || kill "$timer"
    {
      trap 'kill "$sleep"; exit' TERM
      sleep "$seconds" &
      sleep=$!
      wait "$sleep" && kill -s USR1 "$leader"
    } &
    timer=$!
  done
  kill -s USR1 "$leader"
} <&3 >/dev/null 4>&- &
exec 3<&- 4>&-
code=0 tries=0 last=
while kill -0 "$delve" 2>/dev/null; do
  [ -n "$asked" ] || { wait "$delve"; code=$?; continue; }
  [ -z "$armed" ] || [ -n "$cancelling" ] || {
    bash -p -c "$cancel" casebook-cancel "$delve" </dev/null >/dev/null 4>&- &
    cancelling=$!
  }
  state
  look
  uptime
  if loading; then
    [ $((now - begun)) -gt "$limit" ] && kill -s TERM "$delve"
  elif [ "$state" = t ]; then
    [ "$switches" = "$last" ] && { ready || [ "$tries" -ge 100 ]; } && kill -s INT "$delve"
  elif [ -z "$armed" ] || [ "$tries" -ge 20 ]; then
    kill -s INT "$delve"
  fi
  last=$switches
  tries=$((tries + 1))
  sleep 0.05
done
wait "$delve" 2>/dev/null
last=$?
[ "$last" = 127 ] || code=$last
trap '' USR1 TERM HUP INT
tries=0
while [ "$before" != T ] && state; do
  [ "$state" = T ] && kill -s CONT "$pid"
  [ "$code" -gt 0 ] && [ "$tries" -lt 5 ] || break
  tries=$((tries + 1))
  sleep 0.1
done
kill -s TERM 0
} 2>&1 | {
  trap '' USR1 TERM HUP INT PIPE
  cat
  exec cat >/dev/null
}
`;

/** The command that runs Delve on its leash; its standard input takes the lease. */
export const leashed = (program: ProcessIdentity, clock: StopClock, delve: readonly string[]): readonly string[] => [
  "/bin/sh",
  "-c",
  leash,
  "casebook-delve",
  String(program.pid),
  program.startTicks,
  String(Math.ceil((clock.budget ?? Number.MAX_SAFE_INTEGER) / 10)),
  cancelStep,
  ...delve,
];
