import { type ChildProcess, spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, defaultEnding, type Exit } from "../../model/target.js";
import { endLeftovers, signalGroup, signalName } from "./group.js";
import { type Registry, statLine } from "./registry.js";
import { openRewritten, type Rewritten } from "./rewritten.js";
import { commandScript, shellProgram } from "./shell-program.js";

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
  readonly #gone: Promise<void>;
  #text = "";
  #lines: string[] = [];
  #wake: (() => void) | null = null;
  #dead = false;
  /** Why it never lived, or what it said when it could start no process. */
  #failure: unknown = null;
  /** Of the process whose turn is next. */
  #number = 1;

  /** @param number tells its files in the scratch folder from those of another shell */
  constructor(registry: Registry, scratch: string, number: number) {
    this.#registry = registry;
    this.#script = openRewritten(join(scratch, `command-${number}`));
    this.#input = join(scratch, `stdin-${number}`);
    const mask = process.umask().toString(8).padStart(3, "0");
    this.#child = spawn("bash", ["--norc", "--noprofile", "-p"], { detached: true, stdio: ["pipe", "pipe", "ignore"] });
    this.#gone = new Promise((resolve) => {
      this.#child.once("exit", () => resolve(this.#end()));
      this.#child.once("error", (error) => {
        this.#failure = error;
        resolve(this.#end());
      });
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => this.#take(text));
    this.#child.stdout?.once("close", () => this.#end());
    this.#child.stdin?.on("error", () => this.#end());
    if (this.#child.pid !== undefined) registry.add(`s${statLine(this.#child.pid)}`);
    this.#child.stdin?.write(shellProgram(registry.path, mask, this.#script.path));
  }

  /** False once the shell has gone: another is needed. */
  get alive(): boolean {
    return !this.#dead;
  }

  /** Runs a command to its end. null when the shell itself was lost. Rejects with a system error when it can start no process. */
  async run({ command, stdout, stderr }: DirectCommand, signal: AbortSignal): Promise<Exit | null> {
    const ending = command.ending ?? defaultEnding;
    const input = command.stdin === undefined ? null : this.#input;
    if (input !== null) writeFileSync(input, command.stdin ?? "", { mode: 0o600 });
    const streams = { input: input ?? "/dev/null", stdout, stderr };
    this.#script.replace(commandScript(command, streams, this.#registry.prefix(command.ending)));
    this.#passOver();
    this.#child.stdin?.write(`r${this.#number}\n`);

    const pid = await this.#leader();
    if (pid === null) {
      await this.#gone;
      if (this.#failure !== null && this.#child.signalCode === null) throw this.#failure;
      return null;
    }
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
    this.#child.stdout?.destroy();
    await this.#gone;
    this.#script.remove();
  }

  /** A process that was killed before its turn ran nothing: another has taken its place. */
  #passOver(): void {
    const ended = this.#lines.findLastIndex((line) => statusLine.test(line));
    this.#number += this.#lines.splice(0, ended + 1).filter((line) => statusLine.test(line)).length;
  }

  /** The pid of the process whose turn it is. */
  async #leader(): Promise<number | null> {
    for (;;) {
      const line = await this.#line();
      if (line === null) return null;
      const found = /^p\d+ (\d+)$/.exec(line);
      if (found !== null) return Number(found[1]);
      // bash tries again for some seconds, then it leaves.
      if (line.includes(" fork: ")) this.#failure = forkFailure(line);
    }
  }

  async #status(): Promise<Exit | null> {
    let told = false;
    for (;;) {
      const line = await this.#line();
      if (line === null) return null;
      const found = statusLine.exec(line);
      if (found === null) {
        told = true;
        continue;
      }
      this.#number++;
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

const forkFailure = (complaint: string): Error =>
  Object.assign(new Error(complaint), { code: complaint.includes("memory") ? "ENOMEM" : "EAGAIN" });

/** Of which number, and the exit status. */
const statusLine = /^x\d+ (\d+)$/;
