import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import type { Ending, HostFacts } from "../../model/target.js";
import { TargetUnavailable } from "../target-unavailable.js";
import { bootstrap, inBashIfThere, oneLine } from "../words.js";
import { beatNumber, controlProgram, guardNumber, leaseSeconds, noFolder, type Shell } from "./programs.js";
import type { Way } from "./way.js";

/** What the first shell tells of its host. */
export interface Hello {
  /** Where what is ours is kept there. */
  readonly folder: string;
  readonly shell: Shell;
  readonly cwd: string;
  readonly facts: HostFacts;
}

/** What happens to a process there, told by whoever started it. */
export interface Fate {
  /** @param stat its line of /proc/PID/stat */
  begun(pid: number, stat: string): void;
  /** @param told whether the shell told of a signal */
  ended(code: number, told: boolean): void;
}

const beatMilliseconds = (leaseSeconds * 1000) / 4;

/** Of what is said on standard error this much is kept, from the end. */
const keptCharacters = 8192;

/** The first shell of a connection: it knows of every process of ours there, and ends them when the connection ends. */
export class Control {
  readonly hello: Hello;
  /** Resolves when the connection has ended, with what was said last. */
  readonly gone: Promise<string>;
  readonly #child: ChildProcess;
  readonly #fates = new Map<number, Fate>();
  readonly #beat: NodeJS.Timeout;
  #numbers = guardNumber;
  #heard = performance.now();
  #silent = false;

  private constructor(child: ChildProcess, hello: Hello, lines: AsyncIterator<string>, gone: Promise<string>) {
    this.#child = child;
    this.hello = hello;
    this.gone = gone.then((last) => (this.#silent ? `no answer for ${leaseSeconds} s` : last));
    this.#beat = setInterval(() => this.#keep(), beatMilliseconds);
    this.#beat.unref();
    void this.#follow(lines);
    void gone.then(() => clearInterval(this.#beat));
  }

  /** Rejects with `TargetUnavailable`, or with the signal's reason. */
  static async open(way: Way, signal: AbortSignal): Promise<Control> {
    signal.throwIfAborted();
    const child = way.first(bootstrap);
    let said = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-keptCharacters);
    });
    child.stdin?.on("error", () => {}); // that it has gone is told by `gone`
    const gone = new Promise<string>((resolve) => {
      child.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      child.once("close", () => resolve(said.trim().split("\n").at(-1)?.trim() ?? ""));
    });
    const abort = (): void => void child.kill("SIGKILL");
    signal.addEventListener("abort", abort, { once: true });
    const mark = randomBytes(16).toString("hex");
    child.stdin?.write(`${inBashIfThere}\n${oneLine(controlProgram(mark))}`);
    if (child.stdout === null) throw new Error("the first shell needs a standard output");
    const lines = createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
    const hello = await readHello(lines, mark);
    signal.removeEventListener("abort", abort);
    if (typeof hello !== "string") return new Control(child, hello, lines, gone);
    const last = await gone;
    signal.throwIfAborted();
    if (last.startsWith(noFolder)) throw new TargetUnavailable(`${unwritable}, found ${last}`);
    throw new TargetUnavailable(way.explain(said || hello || last, child.exitCode));
  }

  /** A number for a process that is to be started, and whom its fate is told to. */
  register(fate: Fate): number {
    const number = ++this.#numbers;
    this.#fates.set(number, fate);
    return number;
  }

  forget(number: number): void {
    this.#fates.delete(number);
  }

  /** Sends a signal to a process group. */
  signal(group: number, signal: Ending["signal"]): void {
    this.#say(`k ${signal} ${group}`);
  }

  /** False when the connection has gone, or goes before it answers. */
  async answers(): Promise<boolean> {
    const answered = new Promise<true>((resolve) => {
      const number = this.register({
        begun: () => {},
        ended: () => {
          this.forget(number);
          resolve(true);
        },
      });
      this.#say(`a ${number}`);
    });
    return await Promise.race([answered, this.gone.then(() => false)]);
  }

  /** Ends the guard, and with it what is left. */
  async close(milliseconds: number): Promise<void> {
    // ssh by itself would stay as long as anybody there has a stream of ours, such as a daemon that a command left behind.
    this.#fates.set(guardNumber, { begun: () => {}, ended: () => this.#child.kill() });
    clearInterval(this.#beat);
    this.#child.stdin?.end();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), milliseconds);
    await this.gone;
    clearTimeout(timer);
  }

  /** Gives word, and wants one: not every client notices that its network has gone. By then the host has given up as well. */
  #keep(): void {
    this.#silent = performance.now() - this.#heard > leaseSeconds * 1000;
    if (this.#silent) this.#child.kill("SIGKILL");
    else this.#say(`a ${beatNumber}`);
  }

  #say(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  async #follow(lines: AsyncIterator<string>): Promise<void> {
    for (let next = await lines.next(); next.done !== true; next = await lines.next()) {
      this.#heard = performance.now();
      const [, number, what, rest = ""] = /^(\d+) ([px]) (.*)$/.exec(next.value) ?? [];
      const fate = this.#fates.get(Number(number));
      if (what === "p") fate?.begun(Number.parseInt(rest, 10), rest);
      if (what === "x") fate?.ended(Number.parseInt(rest, 10), rest.endsWith(" told"));
    }
  }
}

const unwritable = "expected room for a few small files in TMPDIR, /tmp, /var/tmp, /dev/shm or the home of the host";

/** What start-up files of the account print comes before the mark; it is given where nothing else comes. */
async function readHello(lines: AsyncIterator<string>, mark: string): Promise<Hello | string> {
  const next = async (): Promise<string | null> => {
    const { done, value } = await lines.next();
    return done === true ? null : value;
  };
  let before = "";
  for (let line = await next(); line !== mark; line = await next()) {
    if (line === null) return before;
    before = `${before}${line}\n`.slice(-keptCharacters);
  }
  const told: string[] = [];
  for (let line = await next(); line !== null; line = await next()) if (told.push(line) === 9) break;
  const [folder = "", shell, cwd = "/", hostname = "", user = "", uid, kernel = "", os = "", bootId] = told;
  if (bootId === undefined || (shell !== "bash" && shell !== "sh")) return "";
  return { folder, shell, cwd, facts: { hostname, user, uid: Number(uid), kernel, os, bootId } };
}
