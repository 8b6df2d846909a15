import type { ChildProcess } from "node:child_process";
import { type Command, defaultEnding, type Ending, type Exit, type Output } from "../../model/target.js";
import { deferred } from "../../util/deferred.js";
import { call, oneLine } from "../words.js";
import { exitOf } from "./exit.js";
import { type Link, lostFailure } from "./link.js";
import { leaseSeconds, runArguments, runnerProgram } from "./programs.js";
import { cutAtMarks, give, noFurther, openSession, type Session } from "./session.js";

/** How long streams may stay open in the hands of a process that left our group, after the leader has ended. */
const drainMilliseconds = 1000;

/** A shell on the host that stays and runs commands to their end, one at a time. */
export class Runner {
  readonly #link: Link;
  readonly #session: Session;
  readonly #gone: Promise<void>;
  readonly #ready: Promise<void>;
  #output: Output | null = null;
  #marked: () => void = () => {};
  #alive = true;

  constructor(link: Link, id: number) {
    this.#link = link;
    const { shell, folder } = link.control.hello;
    this.#session = openSession(link);
    const { child, mark, say } = this.#session;
    this.#gone = new Promise((resolve) =>
      child.once("close", () => {
        this.#alive = false;
        resolve();
      }),
    );
    this.#cut(child, "stdout");
    this.#cut(child, "stderr");
    this.#ready = this.#marks();
    say(oneLine(runnerProgram(shell, folder, id, mark)));
  }

  /** False once the shell cannot take another command. */
  get alive(): boolean {
    return this.#alive;
  }

  /** Runs a command to its end. Rejects with a `StepFailure` when the connection is lost, or the shell with its command. */
  async run(command: Command, output: Output, signal: AbortSignal): Promise<Exit> {
    const { control } = this.#link;
    const ending = command.ending ?? defaultEnding;
    const ended = deferred<Exit>();
    let pid: number | null = null;
    let timer: NodeJS.Timeout | null = null;
    let sent = false;
    const giveUp = (milliseconds: number): void => {
      if (timer !== null) clearTimeout(timer);
      timer = setTimeout(() => this.#session.abandon(), milliseconds);
    };
    const abort = (): void => {
      // A shell that is only starting may take its time.
      if (pid === null) return giveUp(sent ? ending.graceMilliseconds : 0);
      const group = pid;
      control.signal(group, ending.signal);
      if (ending.kill) timer = setTimeout(() => control.signal(group, "KILL"), ending.graceMilliseconds);
    };
    const number = control.register({
      begun(group) {
        pid = group;
        if (timer !== null) clearTimeout(timer);
        if (signal.aborted) abort();
      },
      ended: (code, told) => ended.resolve(exitOf(code, told, control.hello.shell)),
    });
    signal.addEventListener("abort", abort, { once: true });
    try {
      if (!(await this.#reach(this.#ready))) await this.#refused(signal);
      sent = true;
      giveUp(signal.aborted ? ending.graceMilliseconds : leaseSeconds * 1000);
      this.#output = output;
      const marks = this.#marks();
      this.#session.say(call("run", ...runArguments(number, command, ending)));
      const exit = await Promise.race([ended.promise, this.#gone.then(() => null)]);
      if (exit === null) return await this.#orphaned(() => pid, ending);
      await this.#drain(marks);
      return exit;
    } finally {
      signal.removeEventListener("abort", abort);
      if (timer !== null) clearTimeout(timer);
      control.forget(number);
      this.#output = null;
    }
  }

  /** Ends the shell; resolves when it has gone. */
  async close(): Promise<void> {
    this.#session.child.stdin?.end();
    await this.#gone;
  }

  async #refused(signal: AbortSignal): Promise<never> {
    signal.throwIfAborted();
    if (!(await this.#link.control.answers())) throw lostFailure(this.#link);
    throw noFurther(this.#session, "");
  }

  /** Only a kill takes the shell from under its command, or the end of the whole connection. */
  async #orphaned(begun: () => number | null, { signal }: Ending): Promise<Exit> {
    const { control } = this.#link;
    if (!(await control.answers())) throw lostFailure(this.#link);
    const pid = begun(); // told before the answer, if at all
    if (pid === null) throw noFurther(this.#session, "it ended before it could start the command");
    control.signal(pid, signal);
    return { code: null, signal: "SIGKILL" };
  }

  /** Waits for the end of the streams; a shell whose streams do not end is of no further use. */
  async #drain(marks: Promise<void>): Promise<void> {
    const timer = setTimeout(() => {
      this.#alive = false;
      this.#session.abandon();
    }, drainMilliseconds);
    await this.#reach(marks);
    clearTimeout(timer);
  }

  /** False when the shell has gone before. */
  #reach(promise: Promise<void>): Promise<boolean> {
    return Promise.race([promise.then(() => true), this.#gone.then(() => false)]);
  }

  /** Resolves when a mark came on both streams. */
  #marks(): Promise<void> {
    return new Promise((resolve) => {
      let missing = 2;
      this.#marked = () => {
        if (--missing === 0) resolve();
      };
    });
  }

  #cut(child: ChildProcess, name: keyof Output): void {
    cutAtMarks(child[name], this.#session.mark, {
      // Before the first mark it is what start-up files of the account print.
      data: (bytes) => this.#output !== null && give(bytes, this.#output[name], child[name]),
      mark: () => this.#marked(),
    });
  }
}
