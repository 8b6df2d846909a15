import { type ChildProcess, spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, defaultEnding, type Exit } from "../../model/target.js";
import { endLeftovers, signalGroup, signalName } from "./group.js";
import { quote } from "./quote.js";
import { type Registry, statLine } from "./registry.js";
import { openRewritten, type Rewritten } from "./rewritten.js";

/**
 * A bash that stays, and forks each command into a process group of its own (`set -m` does that in bash without a terminal). The
 * group registers itself with the guard, and tells its pid (`p…`) on standard output before it becomes the command; the exit status
 * follows (`x…`). Where bash says on standard error that a job was killed, a line stands between both. Each command comes as a file
 * to be sourced, by `r`: bash reads a pipe byte by byte, but a file at once.
 */
const prelude = (registry: string, mask: string, file: string): string => `set -m
exec 6>&1 2>&1 5>>${quote(registry)}
__casebook_run() {
  (
    echo "$__casebook_how$BASHPID" >&5
    echo "p$BASHPID" >&6
    exec <"$__casebook_in" >>"$__casebook_out" 2>>"$__casebook_err" 5>&- 6>&-
    if [ -n "$__casebook_env" ]; then __casebook_env; fi
    if [ -n "$__casebook_dir" ]; then cd -- "$__casebook_dir" || exit 126; fi
    exec -- "$@"
  ) &
  wait $!
  echo "x$?" >&6
  echo "-$!" >&5
}
umask ${mask}
r() { . ${quote(file)}; }
`;

/** A command whose both streams go straight into files, which exist. */
export interface DirectCommand {
  readonly command: Command;
  readonly stdout: string;
  readonly stderr: string;
}

/** A persistent shell; runs one command at a time. */
export class Shell {
  readonly #child: ChildProcess;
  readonly #registry: Registry;
  readonly #script: Rewritten;
  readonly #input: string;
  #text = "";
  #lines: string[] = [];
  #wake: (() => void) | null = null;
  #dead = false;

  /** @param number tells its files in the scratch folder from those of another shell */
  constructor(registry: Registry, scratch: string, number: number) {
    this.#registry = registry;
    this.#script = openRewritten(join(scratch, `command-${number}`));
    this.#input = join(scratch, `stdin-${number}`);
    this.#child = spawn("bash", ["--norc", "--noprofile"], { detached: true, stdio: ["pipe", "pipe", "ignore"] });
    this.#child.once("error", () => this.#end());
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => this.#take(text));
    this.#child.stdout?.once("close", () => this.#end());
    this.#child.stdin?.on("error", () => this.#end());
    if (this.#child.pid !== undefined) registry.add(`s${statLine(this.#child.pid)}`);
    const mask = process.umask().toString(8).padStart(3, "0");
    this.#child.stdin?.write(prelude(registry.path, mask, this.#script.path));
  }

  /** False once the shell has gone: another is needed. */
  get alive(): boolean {
    return !this.#dead;
  }

  /** Runs a command to its end. null when the shell itself was lost. */
  async run({ command, stdout, stderr }: DirectCommand, signal: AbortSignal): Promise<Exit | null> {
    const ending = command.ending ?? defaultEnding;
    const input = command.stdin === undefined ? null : this.#input;
    if (input !== null) writeFileSync(input, command.stdin ?? "", { mode: 0o600 });
    this.#script.replace(script(command, stdout, stderr, input ?? "/dev/null", this.#registry.prefix(command.ending)));
    this.#child.stdin?.write("r\n");

    const first = await this.#line();
    const pid = first?.startsWith("p") ? Number(first.slice(1)) : null;
    if (pid === null) return null;
    let timer: NodeJS.Timeout | null = null;
    const abort = (): void => {
      signalGroup(pid, ending.signal);
      if (ending.kill) timer = setTimeout(() => signalGroup(pid, "KILL"), ending.graceMilliseconds);
    };
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    const exit = await this.#status();
    signal.removeEventListener("abort", abort);
    if (timer !== null) clearTimeout(timer);
    await endLeftovers(pid, ending);
    if (input !== null) rmSync(input, { force: true });
    return exit;
  }

  /** Ends the shell; resolves when it has gone. */
  async close(): Promise<void> {
    this.#child.stdin?.end();
    while (!this.#dead) await this.#line();
    this.#script.remove();
  }

  async #status(): Promise<Exit | null> {
    let told = false;
    for (;;) {
      const line = await this.#line();
      if (line === null) return null;
      const found = /^x(\d+)$/.exec(line);
      if (found === null) {
        told = true;
        continue;
      }
      const code = Number(found[1]);
      // bash tells of no death by SIGINT or SIGPIPE.
      const signal = code > 128 && (told || code === 130 || code === 141) ? signalName(code - 128) : null;
      return signal === null ? { code, signal: null } : { code: null, signal };
    }
  }

  #take(text: string): void {
    this.#text += text;
    const lines = this.#text.split("\n");
    this.#text = lines.pop() ?? "";
    this.#lines.push(...lines);
    this.#wake?.();
  }

  #end(): void {
    this.#dead = true;
    this.#wake?.();
  }

  async #line(): Promise<string | null> {
    while (this.#lines.length === 0 && !this.#dead) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
    return this.#lines.shift() ?? null;
  }
}

/** The command as input of the shell: every value a quoted literal, every name checked. */
function script(command: Command, stdout: string, stderr: string, input: string, how: string): string {
  const env = Object.entries(command.env ?? {});
  const outside = env.filter(([name]) => !isVariable(name)).map(([name, value]) => quote(`${name}=${value}`));
  const exports = env.filter(([name]) => isVariable(name)).map(([name, value]) => `export ${name}=${quote(value)}`);
  const argv = [...(outside.length === 0 ? [] : ["env", ...outside]), ...command.argv.map(quote)];
  const streams = `__casebook_out=${quote(stdout)} __casebook_err=${quote(stderr)} __casebook_in=${quote(input)}`;
  const place = `__casebook_dir=${quote(command.cwd ?? "")} __casebook_how=${quote(how)}`;
  const added =
    exports.length === 0 ? "__casebook_env=" : `__casebook_env=1\n__casebook_env() { ${exports.join("; ")}; }`;
  return `${streams} ${place} ${added}\n__casebook_run ${argv.join(" ")}\n`;
}

/** Names that bash can export; some it keeps for itself. */
const isVariable = (name: string): boolean => /^[A-Za-z_]\w*$/.test(name) && !readonly.has(name);

const readonly = new Set(["BASHOPTS", "BASH_VERSINFO", "EUID", "PPID", "SHELLOPTS", "UID"]);
