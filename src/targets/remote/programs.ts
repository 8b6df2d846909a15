import type { Command, Ending } from "../../model/target.js";
import { exportLines, give } from "../environment.js";
import { endRegistered, processFunctions, unregistered } from "../guard.js";
import { quote } from "../quote.js";

/** Whom answers are given that are only a sign of life, and whom the guard tells that it is done. */
export const beatNumber = 0;
export const guardNumber = 1;

/** Seconds without word from casebook after which the host is on its own; casebook gives word more often. */
export const leaseSeconds = 20;

/** What the first shell says on standard error of a host where nothing can be written, with the reason. */
export const noFolder = "no folder to write into";

/**
 * The first shell of a connection. It makes the folder of what is ours on the host (the registry of processes, and `events`, into
 * which the other shells write what happens to these), tells about the host, passes events on, sends signals (`k SIGNAL GROUP` on
 * its input), and answers (`a NUMBER`). Its child is the guard: when the shell closes descriptor 8, which it does when its input ends
 * or is silent for as long as the lease, or when it is killed, the guard ends what is registered. Should the guard be gone, the shell
 * does that itself.
 *
 * dash knows no `read -t`.
 */
export const controlProgram = (mark: string): string => `
umask 077
for tool in mktemp mkfifo; do
  command -v "$tool" >/dev/null || { echo "$tool is not there" >&2; exit 1; }
done
for place in "\${TMPDIR:-/tmp}" /tmp /var/tmp /dev/shm "\${HOME:-/}"; do
  folder=$(mktemp -d "$place/casebook-XXXXXXXX" 2>&1) || { why=$folder; folder=; continue; }
  why=$(mkfifo "$folder/events" "$folder/lives" 2>&1 && echo "$$" 2>&1 >"$folder/registry") && break
  rm -rf -- "$folder"
  folder=
done
[ -n "$folder" ] || { echo "${noFolder}: $why" >&2; exit 1; }
registry=$folder/registry
exec 3<>"$folder/events" 8<>"$folder/lives"
name= host=$(uname -n)
while IFS= read -r line; do
  case $line in PRETTY_NAME=*) eval "name=\${line#*=}" ;; esac
done 2>/dev/null </etc/os-release
read -r boot </proc/sys/kernel/random/boot_id
user=$(id -un 2>/dev/null) || user=$(id -u)
shell=sh
if bash -p -c :; then shell=bash; elif command -v setsid; then :; else shell=; fi >/dev/null 2>&1
printf '%s\\n' '' ${quote(mark)} "$folder" "$shell" "$(pwd)" "$host" "$user" "$(id -u)" "$(uname -srm)" "$name" "$boot"
[ -n "$shell" ] || { rm -rf -- "$folder"; exit 1; }
trap '' HUP INT TERM QUIT PIPE
cat <&3 3<&- 8<&- &
relay=$!
${processFunctions}
end_all() {
  kill -s KILL "$relay"
  ${endRegistered}
  echo "${guardNumber} x 0"
}
(
  exec 9<"$folder/lives" 8<&-
  read -r line <&9
  end_all
  exit 0
) &
guard=$!
if (read -r -t 1 line </dev/null) 2>/dev/null || [ $? = 1 ]; then
  next() { IFS= read -r -t ${leaseSeconds} line; }
else
  next() { line=$(timeout ${leaseSeconds} sh -c 'IFS= read -r line && printf "%s\\n" "$line"' 8<&-); }
fi
while next; do
  set -- $line
  case $1 in
  k) end "$2" "$3" ;;
  a) echo "$2 x 0" >&3 ;;
  esac
done
exec 8<&-
wait "$guard" || end_all`;

/** What shells need that start processes. `$folder` is that of the first shell, `id` tells this shell's files from others'. */
const common = (folder: string, id: string): string => `
folder=${quote(folder)} told=${quote(`${folder}/told-${id}`)}
exec 4>>"$folder/registry" 5>"$folder/events" 6>&1 7>&2 >/dev/null 2>>"$told"
read -r stat </proc/$$/stat
echo "s$stat" >&4
${processFunctions}
left() { grep -qs ") [^ZX] [0-9]* $1 " /proc/[0-9]*/stat; }
clear_group() {
  tenths=0
  while left "$1"; do
    if [ "$tenths" -ge "$3" ]; then
      [ "$4" = 1 ] || return
      end KILL "$1"
    fi
    sleep 0.1
    tenths=$((tenths + 1))
  done
}
ended() {
  by=$2
  [ ! -s "$told" ] || { by="$2 told"; : >"$told"; }
  echo "-$pid" >&4
  echo "$1 x $by" >&5
}
`;

/**
 * `perform TEXT` runs a process that leads a group of its own, with the shell's input, to its end, and sets `pid` (`none`: there was
 * none) and `code`. In bash `set -m` does that, and its words about a killed process tell that from an exit code. Another shell
 * starts in the background only what ignores SIGINT (POSIX.1, 2.11), and so must have it in the foreground.
 */
const perform: Readonly<Record<Shell, string>> = {
  bash: `
set -m
perform() {
  eval "$1" &
  pid=$!
  wait "$pid"
  code=$?
}
`,
  sh: `
perform() {
  pid=none code=126
  # A disk that is full may take a part of it, which is another command.
  if printf 'echo $$ >"$1.pid" || exit 126\\n%s\\n' "$1" >"$told.text"; then
    setsid sh "$told.text" "$told"
    code=$?
    read -r pid <"$told.pid" || pid=none
  fi
  : >"$told.text" # it may hold secrets
}
`,
};

/** Which shell of the host runs what is ours. */
export type Shell = "bash" | "sh";

/** How a process is to be ended, as the beginning of a line of the registry. */
const how = ({ signal, graceMilliseconds, kill }: Ending): string =>
  `${signal} ${Math.ceil(graceMilliseconds / 100)} ${kill ? 1 : 0}`;

/**
 * The shell that runs commands to their end, one after the other, each a line of its input: a call of `run`. The streams of a
 * command pass through `cat`, whose end tells that nobody writes there any more; a mark on both streams follows.
 */
export function runnerProgram(shell: Shell, folder: string, id: number, mark: string): string {
  const [out, err] = [quote(`${folder}/out-${id}`), quote(`${folder}/err-${id}`)];
  return `
${common(folder, `runner-${id}`)}
${perform[shell]}
out=${out} err=${err} streams=${quote(`exec >${out} 2>${err} </dev/null 6>&- 7>&-`)}
mkfifo "$out" "$err" || exit
run() {
  cat <"$out" >&6 &
  cats=$!
  cat <"$err" >&7 &
  cats="$cats $!"
  perform "$streams
$3"
  [ "$pid" != none ] || (eval "$streams"; ${unregistered}) # also lets go a cat that waits for a writer
  set -- "$1" $2
  kill -s "$2" -- "-$pid" 2>/dev/null && clear_group "$pid" "$2" "$3" "$4"
  ended "$1" "$code"
  : 9<>"$out" 3<>"$err"
  wait $cats
  printf %s ${quote(mark)} >&6
  printf %s ${quote(mark)} >&7
}
printf %s ${quote(mark)} >&6
printf %s ${quote(mark)} >&7
while IFS= read -r line; do eval "$line"; done
`;
}

/** The arguments of `run`. */
export const runArguments = (number: number, command: Command, ending: Ending): readonly string[] => [
  String(number),
  how(ending),
  `${announcement(number, ending)}\n${execution(command)}`,
];

/**
 * The shell that starts one process and stays until that has ended. The process waits at its gate for a line `go`; should the
 * connection end before, nothing of the command ever runs. What it leaves unread of its input is nobody's: a bash that went on would
 * take it for commands.
 */
export const shepherdProgram = (
  shell: Shell,
  folder: string,
  { number, mark, command, ending, input }: Flock,
): string => `
${common(folder, String(number))}
${perform[shell]}
printf %s ${quote(mark)} >&6
printf %s ${quote(mark)} >&7
perform ${quote(`exec >&6 2>&7 6>&- 7>&-
${announcement(number, ending)}
IFS= read -r _cb_go && [ "$_cb_go" = go ] || exit 125
${input ? "" : "exec </dev/null"}
${execution(command)}`)}
exec 6>&- 7>&-
if left "$pid"; then
  end ${ending.signal} "$pid"
  clear_group "$pid" ${how(ending)}
fi
ended ${number} "$code"
rm -f -- "$told" "$told.pid" "$told.text"
exit
`;

/** One process that is held. */
export interface Flock {
  readonly number: number;
  readonly mark: string;
  readonly command: Command;
  readonly ending: Ending;
  /** Whether it reads what follows on the session's input. */
  readonly input: boolean;
}

/**
 * Told by the process itself before it is anything else: into the registry, and `NUMBER p STAT` into the events. What cannot be
 * written into the registry must not run: nobody would end it.
 */
const announcement = (number: number, ending: Ending): string => `read -r _cb_stat </proc/\${BASHPID:-$$}/stat
echo "+${how(ending)} $_cb_stat" 2>/dev/null >&4 || { ${unregistered}; exit 126; }
echo "${number} p $_cb_stat" >&5
exec 4>&- 5>&-`;

/** Becomes the command: every value a quoted literal, every name checked. */
function execution({ argv, cwd, env = {} }: Command): string {
  const { exported, before } = give(env);
  const words = [...before, ...argv].map(quote);
  return [
    ...exportLines(exported),
    ...(cwd === undefined ? [] : [`CDPATH= cd -- ${quote(cwd)} || exit 126`]),
    `exec ${words.join(" ")}`,
  ].join("\n");
}
