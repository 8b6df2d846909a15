import { randomUUID } from "node:crypto";
import type { StepContext } from "../../model/step-kind.js";
import type { Ending } from "../../model/target.js";
import { quoteWords } from "../../util/shell-quote.js";
import { supervised } from "../guard/supervise.js";
import { debuggerToken } from "../guard/token.js";
import { refuseMismatch } from "../program/compatibility.js";
import { type Executable, readExecutable } from "../program/executable.js";
import { findDelve } from "../program/find-delve.js";
import { findProgram } from "../program/find-program.js";
import { StopClock } from "../session/stop-clock.js";
import type { Service } from "./serve.js";
import { type Launched, serveSession } from "./served-session.js";

/** Delve is never killed: it would leave its breakpoints in the program's code. */
const ending: Ending = { signal: "TERM", graceMilliseconds: 5000, kill: false };

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
  const [program = "", ...args] = argv;
  const clock = new StopClock(execution.budget);
  const launched = await launch(
    {
      delve,
      executable,
      mode: ["exec", path],
      args,
      cwd,
      program,
      clock,
      what: `started ${quoteWords(argv)} under Delve`,
      undo: "SIGTERM to Delve, which ends the program; what is left of it is ended after that",
    },
    context,
  );
  clock.stopped();
  return launched;
}

/** A Delve of ours, and what it has: a program that stands. */
export interface Launch extends Pick<Service, "delve" | "mode" | "args" | "cwd" | "program"> {
  readonly executable: Executable;
  readonly clock: StopClock;
  /** What is announced, and how it is undone. */
  readonly what: string;
  readonly undo: string;
}

/** Starts a Delve that is ended with the session, and all that it started with it. */
export async function launch(wanted: Launch, context: StepContext): Promise<Launched> {
  const { executable, clock, what, undo, ...start } = wanted;
  const mark = randomUUID();
  return await serveSession(
    {
      ...start,
      ending,
      supervise: (command) => supervised(mark, command),
      stdin: false,
      multiclient: false,
      change: ({ identity }) => ({ what: `${what}, process ${identity.pid}`, undo, token: debuggerToken(identity) }),
      begin: () => {},
    },
    { executable, clock, runsOn: false, release: () => clock.dispose() },
    context,
  );
}
