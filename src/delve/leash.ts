import type { Writable } from "node:stream";
import type { Ending, ProcessIdentity } from "../model/target.js";
import type { StopClock } from "./stop-clock.js";

/**
 * Delve lets go of a program at SIGINT once it has loaded it. Before that a signal would end it in the middle of its work: it is
 * started with SIGINT ignored, which holds until it installs its own handler. It is never killed: that would leave its
 * breakpoints in the program's code.
 */
export const attachedEnding: Ending = { signal: "INT", graceMilliseconds: 5000, kill: false };

/** How long the program may go without word from casebook, which gives word every second. */
const leaseMilliseconds = 5000;
const beatMilliseconds = 1000;

/**
 * Runs Delve, attached to a program, beside it on the host, and has it let go of the program when casebook asks (SIGINT), has ended
 * (end of input), or is silent for too long (frozen, or cut off). Each line of input is a lease: a number of seconds until
 * the next line.
 *
 * `$1` the program's pid, `$2` its start time (field 22 of its stat), `$3` hundredths of a second that loading may take when it
 * is to be let go; the rest: Delve's command.
 *
 * Jobs in the background ignore SIGINT and SIGQUIT (POSIX.1, 2.11). A program whose tracer ended between
 * attaching and detaching may be left stopped; it is continued.
 */
const leash = `
pid=$1 start=$2 limit=$3; shift 3
leader=$$
asked=
trap 'asked=1' INT TERM HUP
exec 3<&0 </dev/null
uptime() { read -r now rest </proc/uptime; now=\${now%.*}\${now#*.}; }
state() {
  state=
  read -r stat 2>/dev/null <"/proc/$pid/stat" || return 1
  set -- \${stat##*) }
  [ "\${20}" = "$start" ] && state=$1
}
loading() { grep -q '^SigIgn:.*[2367abef]$' "/proc/$delve/status" 2>/dev/null; }
state
before=$state
uptime
begun=$now
"$@" 3<&- &
delve=$!
{
  trap - INT TERM HUP
  timer=
  while read -r seconds; do
    [ -z "$timer" ] || kill "$timer"
    {
      trap 'kill "$sleep"; exit' TERM
      sleep "$seconds" &
      sleep=$!
      wait "$sleep" && kill -s INT "$leader"
    } &
    timer=$!
  done
  kill -s INT "$leader"
} <&3 >/dev/null 2>&1 &
exec 3<&-
code=0
while kill -0 "$delve" 2>/dev/null; do
  [ -n "$asked" ] || { wait "$delve"; code=$?; continue; }
  kill -s INT "$delve"
  sleep 0.1
  uptime
  [ $((now - begun)) -gt "$limit" ] && loading && kill -s TERM "$delve"
done
wait "$delve" 2>/dev/null
last=$?
[ "$last" = 127 ] || code=$last
trap '' INT TERM HUP
tries=0
while [ "$before" != T ] && state; do
  [ "$state" = T ] && kill -s CONT "$pid"
  [ "$code" -gt 0 ] && [ "$tries" -lt 5 ] || break
  tries=$((tries + 1))
  sleep 0.1
done
kill -s TERM 0
exit "$code"
`;

/** The command that runs Delve on its leash; its standard input takes the lease. */
export const leashed = (program: ProcessIdentity, clock: StopClock, delve: readonly string[]): readonly string[] => [
  "/bin/sh",
  "-c",
  leash,
  "casebook-delve",
  String(program.pid),
  program.startTicks,
  String(Math.ceil((clock.budget ?? Number.POSITIVE_INFINITY) / 10)),
  ...delve,
];

/** Gives word to the leash from now on. The lease is no longer than what the program may still stand. Disposed, it says no more. */
export function keepLease(input: Writable, clock: StopClock): Disposable {
  const beat = (): void => {
    const milliseconds = Math.min(leaseMilliseconds, (clock.left ?? leaseMilliseconds) + beatMilliseconds);
    input.write(`${(milliseconds / 1000).toFixed(2)}\n`);
  };
  beat();
  const timer = setInterval(beat, beatMilliseconds);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
