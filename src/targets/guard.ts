/**
 * The guard: a shell program that waits until its standard input ends, which happens when casebook ends, however it
 * ends, or when the connection to it is cut. Then it ends every process of the registry that still lives, and removes the registry's
 * folder. `$1` is the registry.
 *
 * A registry has one line for each fact, appended by whoever starts a process:
 * - `+SIGNAL TENTHS KILL STAT`: a process that leads a group; STAT is its line of /proc/PID/stat, KILL is 1 or 0
 * - `-PID`: that process has ended, with its group
 * - `sSTAT`: a shell of ours that leaves by itself, but may still start and register a process before it does
 *
 * A process is told from a later one with the same pid by its start time, field 22 of its stat. Where the leader has
 * gone and only its group is left, the number cannot be in use again. Nothing with KILL 0 is ever sent SIGKILL.
 */
export const guardProgram = `
registry=$1
trap '' HUP INT TERM QUIT PIPE
while read -r line; do :; done
begun() {
  start=
  read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
  set -- \${stat##*) }
  start=\${20}
  [ "$1" != Z ]
}
lives() {
  begun "$1" && { [ "$start" = "$2" ]; return; }
  [ -n "$start" ] && [ "$start" != "$2" ] && return 1
  [ "$tenths" -lt 100 ] && kill -0 -- "-$1" 2>/dev/null
}
tenths=0
while :; do
  left= ended=' '
  while read -r line; do
    case $line in -*) ended="$ended\${line#-} " ;; esac
  done <"$registry"
  while read -r line; do
    case $line in
    s*)
      line=\${line#s}
      pid=\${line%% *}
      set -- \${line##*) }
      begun "$pid" && [ "$start" = "\${20}" ] && left=1
      ;;
    +*)
      line=\${line#+}
      set -- $line
      signal=$1 grace=$2 kill=$3 pid=$4
      case $ended in *" $pid "*) continue ;; esac
      set -- \${line##*) }
      lives "$pid" "\${20}" || continue
      left=1
      case " $sent " in *" $pid/\${20} "*) ;; *) sent="$sent $pid/\${20}" ; kill -s "$signal" -- "-$pid" 2>/dev/null ;; esac
      [ "$kill" = 1 ] && [ "$tenths" -ge "$grace" ] && kill -s KILL -- "-$pid" 2>/dev/null
      ;;
    esac
  done <"$registry"
  [ -n "$left" ] && [ "$tenths" -lt 600 ] || break
  sleep 0.1
  tenths=$((tenths + 1))
done
rm -rf -- "\${registry%/*}"
`;
