import { randomUUID } from "node:crypto";
import { collect } from "../linux/collect.js";
import { type StepContext, StepFailure } from "../model/step-kind.js";
import type { Ending, Target } from "../model/target.js";
import { quoteWords } from "../util/shell-quote.js";
import { refuseMismatch } from "./compatibility.js";
import { readExecutable } from "./executable.js";
import { findDelve } from "./find-delve.js";
import { serve } from "./serve.js";
import { DelveSession } from "./session.js";
import { SourceFiles } from "./source-files.js";
import { StopClock } from "./stop-clock.js";
import { supervised } from "./supervise.js";
import { debuggerToken } from "./token.js";

/** Delve is never killed: it would leave its breakpoints in the program's code. */
export const executedEnding: Ending = { signal: "TERM", graceMilliseconds: 5000, kill: false };

/** A debugging session with the process that serves it. */
export interface Launched {
  readonly session: DelveSession;
  /** Returns when nothing of the debugger is left; a program that casebook started is then gone with it. */
  end(signal: AbortSignal): Promise<void>;
}

export interface Execution {
  /** The program's path on the host, and its arguments. */
  readonly argv: readonly string[];
  readonly cwd: string | null;
  /** Milliseconds that the program may stand; null: no limit. */
  readonly budget: number | null;
}

/** Starts a program under Delve; it stands at its entry. @throws StepFailure that says what is wrong with which of both */
export async function execute(execution: Execution, context: StepContext): Promise<Launched> {
  const { target, signal } = context;
  const { argv, cwd } = execution;
  const delve = await findDelve(target, signal);
  const path = await findProgram(execution, target, signal);
  const executable = await readExecutable(target, path, signal);
  refuseMismatch(path, executable, delve);
  const mark = randomUUID();
  const [program = "", ...args] = argv;
  const clock = new StopClock(execution.budget);
  const { held, client, state } = await serve(
    {
      delve,
      mode: ["exec", path],
      args,
      cwd,
      program,
      ending: executedEnding,
      supervise: (command) => supervised(mark, command),
      stdin: false,
      multiclient: false,
      change: ({ identity }) => ({
        what: `started ${quoteWords(argv)} under Delve, process ${identity.pid}`,
        undo: "SIGTERM to Delve, which ends the program; what is left of it is ended after that",
        token: debuggerToken(identity),
      }),
      begin: () => {},
      tooLate: clock.usedUp,
    },
    context,
  );
  clock.stopped();
  const session = new DelveSession(client, state, {
    version: delve.version ?? "unknown",
    clock,
    runsOn: false,
    debugInformation: executable.debugInformation,
    sources: new SourceFiles(target),
    watcher: { stopped: context.processStopped, resumed: context.processResumed, passed: context.processPassed },
    arm: () => {},
    trapPending: async () => false,
  });
  return {
    session,
    async end(signal) {
      session.release();
      await held.stop(signal);
      client.close();
    },
  };
}

/** The program's absolute path. Delve itself does not look into PATH. */
export async function findProgram(
  { argv, cwd }: Pick<Execution, "argv" | "cwd">,
  target: Target,
  signal: AbortSignal,
): Promise<string> {
  const [name = ""] = argv;
  const script = `
case $1 in */*) path=$1 ;; *) path=$(command -v -- "$1") || exit 3 ;; esac
test -e "$path" || exit 3
test -f "$path" || exit 4
test -x "$path" || exit 5
case $path in /*) echo "$path" ;; *) echo "$PWD/$path" ;; esac`;
  const command = { argv: ["/bin/sh", "-c", script, "sh", name], ...(cwd !== null && { cwd }) };
  const { exit, stdout, stderr } = await collect(target, command, signal);
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
    default:
      throw new StepFailure(`could not look for ${name}: ${stderr.trim()}`);
  }
}
