import type { Command } from "../../model/target.js";
import { exportLines, give } from "../environment.js";
import { unregistered } from "../guard.js";
import { quote } from "../quote.js";

/**
 * A bash that stays, and forks each command into a process group of its own (`set -m` does that in bash without a terminal). It forks
 * ahead: while casebook writes down how one command ended, the process of the next already stands and waits for its turn, a line with
 * its number (`r…`). So a line that a process was killed before it could read starts nothing else. The process tells its pid (`p…`) on
 * standard output, and its exit status follows (`x…`); where bash says on standard error that a job was killed, a line stands between
 * both. When casebook dies, the waiting process reads the end of its input and leaves, and the shell has nobody to tell and leaves
 * too. What a command could not become is told by a function, since a sourced file would name itself. The program is to come on
 * standard input: only then does bash keep silent about jobs that were not killed. With \`-p\` it takes neither \`BASH_ENV\` nor functions
 * from the environment, which it passes on as it is.
 *
 * @param mask the umask of commands
 * @param file what the shell sources in the process of each command
 */
export const shellProgram = (registry: string, mask: string, file: string): string => `set -m
exec 2>&1 5>>${quote(registry)}
umask ${mask}
__casebook_become() {
  [ -z "$1" ] || CDPATH= cd -- "$1" || exit 126
  shift
  exec -- "$@" 5>&-
}
__casebook_number=0
while :; do
  __casebook_number=$((__casebook_number + 1))
  (
    echo "p$__casebook_number $BASHPID"
    while read -r __casebook_turn; do
      if [ "$__casebook_turn" = "r$__casebook_number" ]; then . ${quote(file)}; exit 126; fi
    done
  ) &
  wait $!
  echo "x$__casebook_number $?" || exit
  echo "-$!" >&5
done
`;

/** The files that a command reads from and writes to. */
export interface Streams {
  readonly input: string;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * What makes a process that waits in the shell into the command: it registers itself with the guard first, and what cannot be
 * registered does not run. Every value is a quoted literal, every name checked.
 *
 * @param how it is to be ended, as the registry has it
 */
export function commandScript(command: Command, { input, stdout, stderr }: Streams, how: string): string {
  const { exported, before } = give(command.env ?? {});
  const argv = [...before, ...command.argv].map(quote);
  const lines = [
    `exec <${quote(input)} >>${quote(stdout)} 2>>${quote(stderr)} || exit 126`,
    `echo "${how}$BASHPID" 2>/dev/null >&5 || { ${unregistered}; exit 126; }`,
    ...exportLines(exported),
    `__casebook_become ${quote(command.cwd ?? "")} ${argv.join(" ")}`,
  ];
  return lines.map((line) => `${line}\n`).join("");
}
