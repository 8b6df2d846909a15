import { type ChildProcess, spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, defaultEnding, type Exit } from "../../model/target.js";
import { endLeftovers, signalGroup, signalName } from "./group.js";
import { quote } from "./quote.js";
import { type Registry, statLine } from "./registry.js";

/**
 * A bash that stays, and forks each command into a process group of its own (`set -m` does that in bash without a terminal). The
 * group registers itself with the guard, and tells its stat line (`p…`) on standard output before it becomes the command; the
 * exit status follows (`x…`). Where bash says on standard error that a job was killed, a line stands between both.
 */
const prelude = (registry: string, mask: string): string => `set -m
exec 6>&1 2>&1 5>>${quote(registry)}
__casebook_env() { :; }
__casebook_run() {
  (
    read -r __casebook_stat </proc/self/stat
    echo "$__casebook_how$__casebook_stat" >&5
    echo "p$__casebook_stat" >&6
    umask 077
    exec <"$__casebook_in" >>"$__casebook_out" 2>>"$__casebook_err" 5>&- 6>&-
    umask ${mask}
    __casebook_env
    if [ -n "$__casebook_dir" ]; then cd -- "$__casebook_dir" || exit 126; fi
    exec -- "$@"
  ) &
  wait $!
  echo "x$?" >&6
  echo "-$!" >&5
}
`;

/** Above this a command goes by way of a file: bash reads a pipe byte by byte. */
const inlineBytes = 2048;

/** A command whose both streams go straight into files. */
export interface DirectCommand {
  readonly command: Command;
  readonly stdout: string;
  readonly stderr: string;
}

/** A persistent shell; runs one command at a time. */
export class Shell {
  readonly #child: ChildProcess;
  readonly #registry: Registry;
  readonly #scratch: string;
  #text = "";
  #lines: string[] = [];
  #wake: (() => void) | null = null;
  #dead = false;

  constructor(registry: Registry, scratch: string) {
    this.#registry = registry;
    this.#scratch = scratch;
    this.#child = spawn("bash", ["--norc", "--noprofile"], { detached: true, stdio: ["pipe", "pipe", "ignore"] });
    this.#child.once("error", () => this.#end());
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => this.#take(text));
    this.#child.stdout?.once("close", () => this.#end());
    this.#child.stdin?.on("error", () => this.#end());
    if (this.#child.pid !== undefined) registry.add(`s${statLine(this.#child.pid)}`);
    this.#child.stdin?.write(prelude(registry.path, process.umask().toString(8).padStart(3, "0")));
  }

  /** False once the shell has gone: another is needed. */
  get alive(): boolean {
    return !this.#dead;
  }

  /** Runs a command to its end. null when the shell itself was lost. */
  async run({ command, stdout, stderr }: DirectCommand, signal: AbortSignal): Promise<Exit | null> {
    const ending = command.ending ?? defaultEnding;
    const input = command.stdin === undefined ? null : join(this.#scratch, `stdin-${this.#child.pid}`);
    if (input !== null) writeFileSync(input, command.stdin ?? "", { mode: 0o600 });
    this.#send(script(command, stdout, stderr, input ?? "/dev/null", this.#registry.prefix(command.ending)));

    const first = await this.#line();
    const pid = first?.startsWith("p") ? Number.parseInt(first.slice(1), 10) : null;
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

  #send(text: string): void {
    if (Buffer.byteLength(text) <= inlineBytes) {
      this.#child.stdin?.write(text);
      return;
    }
    const file = join(this.#scratch, `command-${this.#child.pid}`);
    writeFileSync(file, text, { mode: 0o600 });
    this.#child.stdin?.write(`. ${quote(file)}; rm -f -- ${quote(file)}\n`);
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
  return [
    `__casebook_out=${quote(stdout)} __casebook_err=${quote(stderr)} __casebook_in=${quote(input)}`,
    `__casebook_dir=${quote(command.cwd ?? "")} __casebook_how=${quote(how)}`,
    `__casebook_env() { ${[...exports, ":"].join("; ")}; }`,
    `__casebook_run ${argv.join(" ")}\n`,
  ].join("\n");
}

/** Names that bash can export; some it keeps for itself. */
const isVariable = (name: string): boolean => /^[A-Za-z_]\w*$/.test(name) && !readonly.has(name);

const readonly = new Set(["BASHOPTS", "BASH_VERSINFO", "EUID", "PPID", "SHELLOPTS", "UID"]);
