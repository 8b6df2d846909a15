import type { ByteSink, Evidence } from "../../model/evidence.js";
import { type AnnouncedChange, type StepContext, StepFailure } from "../../model/step-kind.js";
import type { Ending, HeldProcess } from "../../model/target.js";
import type { InstalledDelve } from "../program/find-delve.js";
import { asFailure } from "../rpc/failure.js";
import { ConnectionLost, UnexpectedReply } from "../rpc/json-rpc.js";
import type { DebuggerState } from "../rpc/protocol.js";
import { DelveClient } from "../rpc/rpc-client.js";
import { launchFailure } from "./launch-failure.js";

/** How Delve is started. */
export interface Service {
  readonly delve: InstalledDelve;
  /** Delve's own arguments before its options: `exec /usr/bin/kubelet`, `attach 4711`. */
  readonly mode: readonly string[];
  /** Arguments of the program. */
  readonly args: readonly string[];
  readonly cwd: string | null;
  /** What the program is called in messages. */
  readonly program: string;
  readonly ending: Ending;
  /** Puts Delve's command under what looks after it. */
  supervise(delve: readonly string[]): readonly string[];
  /** Delve stays when a client has gone. */
  readonly multiclient: boolean;
  /** Whether that reads from its standard input. */
  readonly stdin: boolean;
  change(held: HeldProcess): AnnouncedChange;
  /** Called when the change is announced, just before Delve runs. */
  begin(held: HeldProcess): void;
}

/** A Delve that has its program, and the one connection to it. */
export interface Served {
  readonly held: HeldProcess;
  readonly client: DelveClient;
  readonly state: DebuggerState;
}

/**
 * Starts a Delve and makes the one connection to it. Whatever fails, what was announced is for the engine to undo.
 * @param tooLate resolves when waiting for Delve must end, with the reason
 * @throws StepFailure that says why Delve did not get its program
 */
export async function serve(service: Service, tooLate: Promise<string>, context: StepContext): Promise<Served> {
  const { delve, mode, args, cwd, ending } = service;
  const command = [
    delve.path,
    ...mode,
    "--headless",
    "--api-version=2",
    "--listen=127.0.0.1:0",
    "--only-same-user",
    ...(service.multiclient ? ["--accept-multiclient"] : []),
    ...(args.length === 0 ? [] : ["--", ...args]),
  ];
  const listening = watchOutput(context.capture("stdout"), context.capture("stderr"));
  const held = await context.target.hold(
    { argv: service.supervise(command), env: context.env, ending, ...(cwd !== null && { cwd }) },
    listening,
    { stdin: service.stdin },
  );
  try {
    await context.announce(service.change(held));
  } catch (error) {
    // What is not in the journal must not run.
    await held.stop(AbortSignal.timeout(2 * ending.graceMilliseconds));
    throw error;
  }
  service.begin(held);
  held.release();
  return { held, ...(await connect(held, listening, service, tooLate, context)) };
}

/** Delve says where it listens before it has the program; only its first answer shows that it has. */
async function connect(
  held: HeldProcess,
  listening: WatchedOutput,
  { program, delve, mode }: Service,
  tooLate: Promise<string>,
  context: StepContext,
): Promise<Pick<Served, "client" | "state">> {
  const gone = held.exit.then(() => null);
  const waiting = new AbortController();
  const end = (): void => waiting.abort(context.signal.reason);
  context.signal.addEventListener("abort", end, { once: true });
  if (context.signal.aborted) end();
  void tooLate.then((why) => waiting.abort(new StepFailure(`Delve is not ready with ${program} yet, but ${why}`)));
  const { signal } = waiting;
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    if (signal.aborted) reject(signal.reason);
  });
  // Whoever wins the race, the rejection has been looked at.
  aborted.catch(() => {});
  const port = await Promise.race([listening.port, gone, aborted]);
  if (port === null) throw launchFailure(listening.printed(), program, delve.version);
  let client: DelveClient | null = null;
  try {
    client = new DelveClient(await context.target.connect({ host: "127.0.0.1", port }, signal));
    await client.getVersion(signal);
    return { client, state: await client.state(signal) };
  } catch (error) {
    client?.close();
    if (signal.aborted) throw signal.reason;
    if (!hasLeft(error)) throw asFailure(error, `${delve.path} ${mode.join(" ")}`);
    // It tells why when it leaves, or has told why it refuses.
    await Promise.race([gone, listening.refused, aborted]);
    throw launchFailure(listening.printed(), program, delve.version);
  }
}

/** The connection ended, or there was none; not for what came over it. */
const hasLeft = (error: unknown): boolean =>
  (error instanceof ConnectionLost && !(error.cause instanceof UnexpectedReply)) ||
  (error instanceof Error && "code" in error && "syscall" in error);

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
