import type { StepContext } from "../../model/step-kind.js";
import type { Address, Ending, HeldProcess } from "../../model/target.js";
import type { StopClock } from "../session/stop-clock.js";
import { Lease } from "./lease.js";

/** It does what it has to at the end of its input; the signal tells it nothing. */
const ending: Ending = { signal: "USR1", graceMilliseconds: 20_000, kill: true };

/**
 * Stands beside somebody else's Delve, which stays when casebook is gone and would let its program stand at a breakpoint of ours for
 * ever. At the end of its input, or when a lease (a line) is over, it leaves that Delve as `leaveConnected` does; at `end`
 * there is nothing to do. In bash, which can speak TCP; perl carries what it says to a socket in the file system.
 *
 * `$1` and `$2` host and port, or a path and nothing, `$3` how the names of our breakpoints begin, `$4` 1 when the program ran before.
 */
const watchdog = `
trap '' USR1 TERM HUP INT PIPE
host=$1 port=$2 mark=$3 runs=$4 id=0 seconds=5
while read -r -t "$seconds" seconds rest; do
  [ "$seconds" != end ] || exit 0
done
if [ -n "$port" ]; then
  exec 3<>"/dev/tcp/$host/$port" 4<&3 || exit 0
else
  coproc perl -MIO::Socket::UNIX -e '
    my $socket = IO::Socket::UNIX->new(Peer => shift) or exit 1;
    my ($from, $to) = fork ? (*STDIN, $socket) : ($socket, *STDOUT);
    while (sysread $from, my $bytes, 65536) { syswrite $to, $bytes }
    shutdown $socket, 2;
  ' "$host"
  exec 3>&"\${COPROC[1]}" 4<&"\${COPROC[0]}" || exit 0
fi
send() { printf '{"method":"RPCServer.%s","params":[%s],"id":%d}\\n' "$1" "$2" "$((++id))" >&3; }
ask() {
  send "$1" "$2" || return 1
  while IFS= read -r -t 10 reply <&4; do
    case $reply in '{"id":'"$id",*) return 0 ;; esac
  done
  return 1
}
state() { ask State '{"NonBlocking":true}'; }
ask SetApiVersion '{"APIVersion":2}' && state || exit 1
case $reply in *'"Running":true'*) ask Command '{"name":"halt"}' || exit 1 ;; esac
ask CancelNext '{}'
ask ListBreakpoints '{"All":false}' || exit 1
left=$reply
pattern='"name":"('"$mark"'x[0-9]+)"'
while [[ $left =~ $pattern ]]; do
  name=\${BASH_REMATCH[1]}
  left=\${left#*"$name"}
  ask ClearBreakpoint '{"Id":0,"Name":"'"$name"'"}' || exit 1
done
[ "$runs" = 1 ] || exit 0
send Command '{"name":"continue"}'
for try in 1 2 3 4 5 6 7 8 9 10; do
  state || exit 1
  case $reply in *'"Running":true'*) exit 0 ;; esac
  sleep 0.2
done
exit 1
`;

/** What a watchdog has to know of the Delve beside which it stands. */
export interface Watched {
  readonly address: Address;
  /** How the names of breakpoints begin that casebook sets. */
  readonly breakpoints: string;
  /** Whether the program ran before. */
  readonly running: boolean;
  readonly clock: StopClock;
}

/** A watchdog that is at work. */
export interface Watchdog {
  /** Casebook has left that Delve as it was: there is nothing to watch any more. */
  end(signal: AbortSignal): Promise<void>;
}

/** Starts it on the host, behind its gate. @param announced resolves when what it guards against is in the journal */
export async function startWatchdog(
  { address, breakpoints, running, clock }: Watched,
  context: StepContext,
  announced: () => Promise<void>,
): Promise<Watchdog> {
  const where = "path" in address ? [address.path, ""] : [address.host, String(address.port)];
  const words = [...where, breakpoints, running ? "1" : "0"];
  const held: HeldProcess = await context.target.hold(
    { argv: ["bash", "-p", "-c", watchdog, "casebook-watchdog", ...words], ending },
    { stdout: context.capture("watchdog.stdout"), stderr: context.capture("watchdog.stderr") },
    { stdin: true },
  );
  try {
    await announced();
  } catch (error) {
    await held.stop(AbortSignal.timeout(ending.graceMilliseconds));
    throw error;
  }
  held.release();
  const lease = held.stdin === null ? null : new Lease(held.stdin, clock);
  return {
    async end(signal) {
      lease?.[Symbol.dispose]();
      held.stdin?.end("end\n");
      await held.stop(signal);
    },
  };
}
