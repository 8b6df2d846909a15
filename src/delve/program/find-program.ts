import { collect } from "../../linux/collect.js";
import { StepFailure } from "../../model/step-kind.js";
import type { Target } from "../../model/target.js";

/** The program's absolute path. Delve itself does not look into PATH. */
export async function findProgram(
  { argv, cwd }: { readonly argv: readonly string[]; readonly cwd: string | null },
  target: Target,
  signal: AbortSignal,
): Promise<string> {
  const [name = ""] = argv;
  const script = `
[ -z "$2" ] || cd -- "$2" 2>/dev/null || exit 6
case $1 in */*) path=$1 ;; *) path=$(command -v -- "$1") || exit 3 ;; esac
test -e "$path" || exit 3
test -f "$path" || exit 4
test -x "$path" || exit 5
case $path in /*) echo "$path" ;; *) echo "$PWD/$path" ;; esac`;
  const look = ["/bin/sh", "-c", script, "sh", name, cwd ?? ""];
  const { exit, stdout, stderr } = await collect(target, { argv: look }, signal);
  signal.throwIfAborted();
  switch (exit.code) {
    case 0:
      return stdout.replace(/\n$/, "");
    case 3:
      throw new StepFailure(`expected a program, found no file ${name}${name.includes("/") ? "" : " in PATH"}`, {
        remedy: "give its path on the host",
      });
    case 4:
      throw new StepFailure(`expected a program, but ${name} is no regular file`);
    case 5:
      throw new StepFailure(`expected a program, but ${name} is not executable`, { remedy: `chmod +x ${name}` });
    case 6:
      throw new StepFailure(`expected a folder to start ${name} in, but ${cwd} is none`, {
        remedy: "give its path on the host in cwd",
      });
    default:
      throw new StepFailure(`could not look for ${name}: ${stderr.trim()}`);
  }
}
