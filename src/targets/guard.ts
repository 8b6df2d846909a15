/** How many tenths of a second a shell of ours may take to leave by itself; where the connection was cut silently it never learns of it. */
const leaveTenths = 20;

/**
 * Shell functions about processes, for the guard and for what starts processes.
 * - `begun PID`: sets `start` to its start time; false when there is none, or a zombie
 * - `end SIGNAL GROUP`: sends a signal to a group, also to one of another user's that sudo started
 */
export const processFunctions = `
begun() {
  start=
  read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
  set -- \${stat##*) }
  start=\${20}
  [ "$1" != Z ]
}
end() {
  [ "$2" -gt 1 ] 2>/dev/null || return # 0 would be our own group, 1 everybody
  kill -s "$1" -- "-$2" 2>/dev/null || sudo -n kill -s "$1" -- "-$2" 2>/dev/null
}
`;

/** Says on standard error why a command does not run that could not be written into the registry. */
export const unregistered = "echo 'casebook: the command was not run: no room on the disk to note its process' >&2";

/**
 * Ends every process of `$registry` that still lives, and removes the registry's folder.
 *
 * A registry has one line for each fact, appended by whoever starts a process:
 * - `+SIGNAL TENTHS KILL STAT`: a process that leads a group; STAT is its line of /proc/PID/stat, KILL is 1 or 0. A process that
 *   wrote this line itself gives its pid alone
 * - `-PID`: that process has ended, with its group
 * - `sSTAT`: a shell of ours that leaves by itself, but may still start and register a process before it does
 *
 * A process is told from a later one with the same pid by its start time, field 22 of its stat. Where the leader has
 * gone and only its group is left, the number cannot be in use again. Nothing with KILL 0 is ever sent SIGKILL.
 */
export const endRegistered = `
lives() {
  begun "$1" && { [ "$start" = "\${2:-$start}" ]; return; }
  [ -n "$start" ] && [ "$start" != "\${2:-$start}" ] && return 1
  [ "$tenths" -lt 100 ] && kill -0 -- "-$1" 2>/dev/null
}
without() {
  kept=
  for entry in $live; do
    case $entry in "$1":*) ;; *) kept="$kept $entry" ;; esac
  done
  live=$kept
}
sent=
tenths=0
while :; do
  live= left=
  while read -r line; do
    set -- $line
    begin=$*
    set -- \${line##*) }
    ticks=\${20}
    set -- $begin
    case $1 in
    s*)
      begun "\${1#s}" && [ "$start" = "$ticks" ] && {
        left=1
        [ "$tenths" -lt ${leaveTenths} ] || kill -s KILL "\${1#s}" 2>/dev/null
      }
      ;;
    +*) live="$live $4:\${1#+}:$2:$3:$ticks" ;;
    -*) without "\${1#-}" ;;
    esac
  done <"$registry"
  for entry in $live; do
    IFS=:
    set -- $entry
    unset IFS
    lives "$1" "$5" || continue
    left=1
    case " $sent " in
    *" $1:$5 "*) ;;
    *)
      sent="$sent $1:$5"
      end "$2" "$1"
      ;;
    esac
    [ "$4" = 1 ] && [ "$tenths" -ge "$3" ] && end KILL "$1"
  done
  [ -n "$left" ] && [ "$tenths" -lt 600 ] || break
  sleep 0.1
  tenths=$((tenths + 1))
done
rm -rf -- "\${registry%/*}"
`;

/**
 * The guard of this machine: waits until its standard input ends, which happens when casebook ends, however it ends. Then it ends
 * what is registered. `$1` is the registry.
 */
export const guardProgram = `
registry=$1
trap '' HUP INT TERM QUIT PIPE
while read -r line; do :; done
${processFunctions}${endRegistered}`;
