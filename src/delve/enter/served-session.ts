import type { StepContext } from "../../model/step-kind.js";
import type { Executable } from "../program/executable.js";
import { DelveSession, type SessionOptions } from "../session/session.js";
import { watcherOf } from "../session/session-parts.js";
import { SourceFiles } from "../session/source-files.js";
import { type Service, serve } from "./serve.js";

/** A debugging session with the process that serves it. */
export interface Launched {
  readonly session: DelveSession;
  /** Returns when nothing of the debugger is left; a program that casebook started is then gone with it. */
  end(signal: AbortSignal): Promise<void>;
}

/** A session, as far as it is not the same for every Delve of ours. */
export interface Serving extends Pick<SessionOptions, "clock" | "runsOn" | "arm" | "trapPending"> {
  readonly executable: Executable;
  /** Ends what watches over the program: its stops are nobody's matter any more. Called also when there will be no session. */
  release(): void;
}

/** Starts a Delve of ours and a session with it. @throws StepFailure that says why Delve did not get its program */
export async function serveSession(service: Service, serving: Serving, context: StepContext): Promise<Launched> {
  const { executable, release, ...options } = serving;
  try {
    const { held, client, state } = await serve(service, options.clock.usedUp, context);
    const session = new DelveSession(client, state, {
      ...options,
      ...executable,
      version: service.delve.version,
      sources: new SourceFiles(context.target),
      watcher: watcherOf(context),
    });
    return {
      session,
      async end(signal) {
        release();
        await held.stop(signal);
        client.close();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}
