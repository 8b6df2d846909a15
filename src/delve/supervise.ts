/**
 * Runs Delve, and when it has left, however it left, ends what it leaves of the program: Delve kills what it started only
 * if it can still do something itself. Everything the program started carries a mark in its environment. SIGTERM to the
 * group reaches Delve directly; traps instead of ignored signals, since those would be inherited.
 */
const supervisor = `
mark=$1; shift
trap : TERM HUP INT
CASEBOOK_DEBUGGED=$mark "$@"
code=$?
left() { grep -lF "CASEBOOK_DEBUGGED=$mark" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3; }
for name in TERM KILL; do
  pids=$(left)
  test -z "$pids" && break
  kill -s $name $pids 2>/dev/null
  tries=20
  while test $tries -gt 0 && test -n "$(left)"; do sleep 0.1; tries=$((tries - 1)); done
done
exit $code
`;

/** The command that runs Delve under its supervisor. @param mark unique to the session */
export const supervised = (mark: string, delve: readonly string[]): readonly string[] => [
  "/bin/sh",
  "-c",
  supervisor,
  "casebook-delve",
  mark,
  ...delve,
];
