import { type StepContext, StepFailure } from "../../model/step-kind.js";
import type { Address, Target } from "../../model/target.js";
import { connectedToken } from "../guard/token.js";
import { startWatchdog, type Watchdog } from "../guard/watchdog.js";
import { parseAddress } from "../rpc/address.js";
import { asFailure } from "../rpc/failure.js";
import { DelveError } from "../rpc/json-rpc.js";
import { DelveClient } from "../rpc/rpc-client.js";
import { DelveSession } from "../session/session.js";
import { watcherOf } from "../session/session-parts.js";
import { SourceFiles } from "../session/source-files.js";
import { StopClock } from "../session/stop-clock.js";
import { defaultBudgetMilliseconds } from "./attach.js";
import type { Launched } from "./served-session.js";
import { refuseSingleClient } from "./single-client.js";

/** How long a watchdog that has nothing to do may take to end. */
const endMilliseconds = 5000;

export interface Connection {
  /** As people write it. */
  readonly address: string;
  /** Milliseconds that the program may stand in all; null: 10 s for one that runs, no limit for one that stands. */
  readonly budget: number | null;
}

/**
 * Joins a Delve that somebody else started. Neither it nor its program is ever ended: both are left as they were found.
 * @throws StepFailure when there is none, or when it would not survive casebook's leaving
 */
export async function connect({ address: text, budget }: Connection, context: StepContext): Promise<Launched> {
  const { target, signal } = context;
  const address = parseAddress(text);
  if (address === null) {
    throw new StepFailure(`connect: expected an address such as 127.0.0.1:2345, found ${text}`);
  }
  await refuseSingleClient(text, address, target, signal);
  const client = await join(text, address, target, signal);
  let watchdog: Watchdog | null = null;
  try {
    const { DelveVersion } = await client.getVersion(signal);
    const before = await client.state(signal);
    const runs = before.Running;
    const clock = new StopClock(budget ?? (runs ? defaultBudgetMilliseconds : null));
    const watcher = watcherOf(context);
    const limit = clock.budget === null ? "" : `, and stops its program for at most ${clock.budget / 1000} s in all`;
    const name = client.nameBreakpoints();
    const announce = async (): Promise<void> => {
      await context.announce({
        what: `joined the Delve at ${text}${limit}`,
        undo: `clears the breakpoints that casebook set; its program ${runs ? "runs" : "stands"} afterwards, as before`,
        token: connectedToken(text, name, runs),
      });
    };
    watchdog = await startWatchdog({ address, breakpoints: name, running: runs, clock }, context, announce);
    const state = runs ? await client.command({ name: "halt" }, signal) : before;
    clock.stopped();
    const debugInformation = await listsGoroutines(client, signal);
    const session = new DelveSession(client, state, {
      version: /^Version: (\S+)/m.exec(DelveVersion)?.[1] ?? "unknown",
      clock,
      runsOn: runs,
      debugInformation,
      goVersion: null,
      watcher,
      sources: new SourceFiles(target),
    });
    if (runs) {
      watcher.stopped(session.pid, "halted");
      session.letRun();
    }
    return {
      session,
      async end(signal) {
        session.release();
        client.close();
        await watchdog?.end(signal);
      },
    };
  } catch (error) {
    client.close();
    await watchdog?.end(AbortSignal.timeout(endMilliseconds));
    throw asFailure(error, `connect ${text}`);
  }
}

/** Of a stripped program Delve finds the runtime's list of them no more than anything else that debug information describes. */
async function listsGoroutines(client: DelveClient, signal: AbortSignal): Promise<boolean> {
  try {
    await client.listGoroutines({ start: 0, count: 1 }, [], null, signal);
    return true;
  } catch (error) {
    if (error instanceof DelveError) return !/could not find goroutine array/.test(error.message);
    throw error;
  }
}

async function join(text: string, address: Address, target: Target, signal: AbortSignal): Promise<DelveClient> {
  let client: DelveClient | null = null;
  try {
    client = new DelveClient(await target.connect(address, signal));
    await client.useApi2(signal);
    return client;
  } catch (error) {
    client?.close();
    signal.throwIfAborted();
    if (!(error instanceof Error && "code" in error)) throw asFailure(error, `connect ${text}`);
    throw new StepFailure(`expected a Delve at ${text}, found none (${String(error.code)})`, {
      remedy: "start one with dlv attach PID --headless --accept-multiclient --api-version=2 --listen=…",
      cause: error,
    });
  }
}
