import { randomUUID } from "node:crypto";
import { collect } from "../linux/collect.js";
import type { ByteSink, Evidence } from "../model/evidence.js";
import { type StepContext, StepFailure } from "../model/step-kind.js";
import type { Ending, HeldProcess, Target } from "../model/target.js";
import { quoteWords } from "../util/shell-quote.js";
import { type Executable, readExecutable } from "./executable.js";
import { launchFailure, minorOf, tooNewFailure } from "./failure.js";
import type { DebuggerState } from "./protocol.js";
import { ConnectionLost, DelveClient } from "./rpc-client.js";
import { DelveSession } from "./session.js";
import { SourceFiles } from "./source-files.js";
import { supervised } from "./supervise.js";
import { debuggerToken } from "./token.js";

/** Delve is never killed: it would leave its breakpoints in the program's code. */
export const delveEnding: Ending = { signal: "TERM", graceMilliseconds: 5000, kill: false };

/** Delve on the host. */
export interface InstalledDelve {
  readonly path: string;
  /** `1.20.2`; null when it does not say. */
  readonly version: string | null;
}

/** A debugging session with the process that serves it. */
export interface Launched {
  readonly session: DelveSession;
  /** Ends Delve, and with it a program that Delve started; returns when nothing of them is left. */
  end(signal: AbortSignal): Promise<void>;
}

export interface Execution {
  /** The program's path on the host, and its arguments. */
  readonly argv: readonly string[];
  readonly cwd: string | null;
  /** Milliseconds that the program may stand; null: no limit. */
  readonly budget: number | null;
}

/** @throws StepFailure when there is none */
export async function findDelve(target: Target, signal: AbortSignal): Promise<InstalledDelve> {
  const script = 'PATH=$PATH:$HOME/go/bin; path=$(command -v dlv) || exit 3; echo "$path"; "$path" version';
  const { exit, stdout } = await collect(target, { argv: ["/bin/sh", "-c", script] }, signal);
  signal.throwIfAborted();
  const [path = "", ...rest] = stdout.split("\n");
  if (exit.code === 3 || path === "") {
    throw new StepFailure("the host has no Delve: there is no dlv in PATH or ~/go/bin", {
      remedy: "apt-get install delve, or go install github.com/go-delve/delve/cmd/dlv@latest",
    });
  }
  return { path, version: /^Version: (\S+)/m.exec(rest.join("\n"))?.[1] ?? null };
}

/** Starts a program under Delve; it stands at its entry. @throws StepFailure that says what is wrong with which of both */
export async function execute(execution: Execution, context: StepContext): Promise<Launched> {
  const { target, signal } = context;
  const delve = await findDelve(target, signal);
  const path = await findProgram(execution, target, signal);
  refuseTooNew(path, await readExecutable(target, path, signal), delve);
  return await serve(delve, ["exec", path], execution, context);
}

/** The program's absolute path. Delve itself does not look into PATH. */
async function findProgram({ argv, cwd }: Execution, target: Target, signal: AbortSignal): Promise<string> {
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

/** Delve numbers its releases like the newest Go that it knows; from 1.20 on this is told before anything is started. */
function refuseTooNew(path: string, { goVersion }: Executable, delve: InstalledDelve): void {
  const go = goVersion === null ? null : minorOf(goVersion);
  const own = delve.version === null ? null : minorOf(delve.version);
  if (goVersion !== null && go !== null && own !== null && own >= 20 && go > own) {
    throw tooNewFailure(path, goVersion, `Delve ${delve.version}`);
  }
}

/** Starts a Delve that serves one connection, and makes it. */
async function serve(
  delve: InstalledDelve,
  mode: readonly string[],
  execution: Execution,
  context: StepContext,
): Promise<Launched> {
  const { target } = context;
  const mark = randomUUID();
  const [, ...rest] = execution.argv;
  const command = [
    delve.path,
    ...mode,
    "--headless",
    "--api-version=2",
    "--listen=127.0.0.1:0",
    "--only-same-user",
    ...(rest.length === 0 ? [] : ["--", ...rest]),
  ];
  const listening = watchOutput(context.capture("stdout"), context.capture("stderr"));
  const held = await target.hold(
    {
      argv: supervised(mark, command),
      env: context.env,
      ending: delveEnding,
      ...(execution.cwd !== null && { cwd: execution.cwd }),
    },
    listening,
    { stdin: false },
  );
  await announce(held, execution.argv, context);
  held.release();
  const program = execution.argv[0] ?? "";
  const { client, state } = await connect(held, listening, context, program, delve);
  const session = new DelveSession(client, state, {
    version: delve.version ?? "unknown",
    budget: execution.budget,
    sources: new SourceFiles(target),
    watcher: { stopped: context.processStopped, resumed: context.processResumed, passed: context.processPassed },
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

async function announce(held: HeldProcess, argv: readonly string[], context: StepContext): Promise<void> {
  try {
    await context.announce({
      what: `started ${quoteWords(argv)} under Delve, process ${held.identity.pid}`,
      undo: "SIGTERM to Delve, which ends the program; what is left of it is ended after that",
      token: debuggerToken(held.identity),
    });
  } catch (error) {
    await held.stop(AbortSignal.timeout(2 * delveEnding.graceMilliseconds));
    throw error;
  }
}

/** Delve says where it listens before it has the program; only its first answer shows that it has. */
async function connect(
  held: HeldProcess,
  listening: WatchedOutput,
  context: StepContext,
  program: string,
  delve: InstalledDelve,
): Promise<{ client: DelveClient; state: DebuggerState }> {
  const gone = held.exit.then(() => null);
  const signal = context.signal;
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    if (signal.aborted) reject(signal.reason);
  });
  // Whoever wins the race, the rejection has been looked at.
  aborted.catch(() => {});
  const port = await Promise.race([listening.port, gone, aborted]);
  if (port === null) throw launchFailure(listening.printed(), program, delve.version);
  try {
    const client = new DelveClient(await context.target.connect({ host: "127.0.0.1", port }, signal));
    await client.getVersion(signal);
    return { client, state: await client.state(signal) };
  } catch (error) {
    if (signal.aborted || !(error instanceof ConnectionLost || isSystemError(error))) throw error;
    // It tells why when it leaves, or has told why it refuses.
    await Promise.race([gone, listening.refused, aborted]);
    throw launchFailure(listening.printed(), program, delve.version);
  }
}

const isSystemError = (error: unknown): boolean => error instanceof Error && "code" in error && "syscall" in error;

interface WatchedOutput {
  readonly stdout: ByteSink;
  readonly stderr: ByteSink;
  readonly port: Promise<number>;
  /** Resolves when Delve says that it does not take the connection. */
  readonly refused: Promise<void>;
  /** What was printed first, both streams. */
  printed(): string;
}

/** Of what Delve and the program print this much is looked at: Delve speaks first. */
const watchedBytes = 64 * 1024;

function watchOutput(stdout: Evidence, stderr: Evidence): WatchedOutput {
  let text = "";
  let foundPort: (port: number) => void = () => {};
  let refuse: () => void = () => {};
  const port = new Promise<number>((resolve) => {
    foundPort = resolve;
  });
  const refused = new Promise<void>((resolve) => {
    refuse = resolve;
  });
  const tee = (evidence: Evidence): ByteSink => ({
    directFile: null,
    write(chunk) {
      if (text.length < watchedBytes) {
        text += Buffer.from(chunk).toString("latin1");
        const found = /API server listening at: \S*:(\d+)\n/.exec(text)?.[1];
        if (found !== undefined) foundPort(Number(found));
        if (/from different user/.test(text)) refuse();
      }
      return evidence.write(chunk);
    },
  });
  return { stdout: tee(stdout), stderr: tee(stderr), port, refused, printed: () => text };
}
