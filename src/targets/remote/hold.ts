import { PassThrough } from "node:stream";
import { type Command, defaultEnding, type Exit, type HeldProcess, type Output } from "../../model/target.js";
import { deferred } from "../../util/deferred.js";
import { stopHeld } from "../stop-held.js";
import { oneLine } from "../words.js";
import { exitOf, unknownExit } from "./exit.js";
import { type Link, lostFailure } from "./link.js";
import { leaseSeconds, shepherdProgram } from "./programs.js";
import { cutAtMarks, give, noFurther, openSession } from "./session.js";

/** How long streams may stay open in the hands of a process that left our group, after the leader has ended. */
const drainMilliseconds = 1000;

/** Starts a process on the host behind its gate, in a shell of its own, registered there with the guard. */
export async function hold(
  command: Command,
  output: Output,
  options: { readonly stdin: boolean },
  link: Link,
): Promise<HeldProcess> {
  const { control, lost } = link;
  if (lost.aborted) throw lostFailure(link);
  const { folder, shell, facts } = control.hello;
  const ending = command.ending ?? defaultEnding;
  const begun = deferred<{ readonly pid: number; readonly stat: string }>();
  const ended = deferred<Exit>();
  let over = false;
  const end = (exit: Exit): void => {
    over = true;
    ended.resolve(exit);
  };
  const number = control.register({
    begun: (pid, stat) => begun.resolve({ pid, stat }),
    ended: (code, told) => end(exitOf(code, told, shell)),
  });
  const session = openSession(link);
  const { child, mark, say } = session;
  let said = "";
  for (const [stream, sink] of [
    [child.stdout, output.stdout],
    [child.stderr, output.stderr],
  ] as const) {
    let marked = false;
    cutAtMarks(stream, mark, {
      data(bytes) {
        if (marked) give(bytes, sink, stream);
        else said += bytes.toString();
      },
      mark: () => {
        marked = true;
      },
    });
  }
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const input = options.stdin || command.stdin !== undefined;
  say(oneLine(shepherdProgram(shell, folder, { number, mark, command, ending, input })));
  // It may speak and yet never come to the process.
  const late = setTimeout(() => session.abandon(), leaseSeconds * 1000);
  const started = await Promise.race([begun.promise, closed.then(() => null)]);
  clearTimeout(late);
  if (started === null) {
    control.forget(number);
    if (!(await control.answers())) throw lostFailure(link);
    throw noFurther(session, said);
  }
  const { pid, stat } = started;
  // The gate reads the same input: what is written before it opens comes after.
  const fed = new PassThrough();
  const exit = endOf();
  let released = false;
  return {
    identity: { pid, startTicks: startTicks(stat), bootId: facts.bootId },
    release() {
      if (released) return;
      released = true;
      say("go\n");
      if (child.stdin !== null && options.stdin) fed.pipe(child.stdin);
      else child.stdin?.end(command.stdin ?? "");
    },
    stdin: options.stdin ? fed : null,
    exit,
    stop: (signal) => stopHeld({ pid, ending, exit, send: (name) => control.signal(pid, name) }, signal),
  };

  async function endOf(): Promise<Exit> {
    const lose = (): void => end(unknownExit);
    if (lost.aborted) lose();
    else lost.addEventListener("abort", lose, { once: true });
    void closed.then(cutOff);
    const how = await ended.promise;
    const timer = setTimeout(() => session.abandon(), drainMilliseconds);
    await closed;
    clearTimeout(timer);
    lost.removeEventListener("abort", lose);
    control.forget(number);
    return how;
  }

  /** Where only this shell went, and did not tell how its process ended: nobody reads what that prints any more. */
  async function cutOff(): Promise<void> {
    if (over || !(await control.answers()) || over) return;
    control.signal(pid, ending.signal);
    const timer = setTimeout(() => end({ code: null, signal: "SIGKILL" }), ending.graceMilliseconds);
    await ended.promise;
    clearTimeout(timer);
  }
}

/** Field 22 of a stat line; the second field may hold spaces and parentheses. */
const startTicks = (stat: string): string => stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
