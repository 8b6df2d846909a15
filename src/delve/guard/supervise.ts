/**
 * Runs Delve, and when it has left, however it left, ends what it leaves of the program: Delve ends what it started only
 * if it can still do something itself, and not always then. Everything the program started carries a mark in its
 * environment.
 *
 * SIGTERM to the group reaches Delve directly. It is trapped meanwhile, since an ignored signal would be inherited by
 * the program; afterwards it is ignored, since it must not hit the search. A Delve that died of a signal may have died
 * while it started the program, whose environment cannot be read in that instant: then the search is repeated.
 */
const supervisor = `
mark=$1; shift
trap : TERM HUP INT
CASEBOOK_DEBUGGED=$mark "$@"
code=$?
trap '' TERM HUP INT
left() { grep -lF "CASEBOOK_DEBUGGED=$mark" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3; }
test $code -gt 128 && test -z "$(left)" && sleep 0.2
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
