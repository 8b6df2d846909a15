import type { StepContext } from "../../model/step-kind.js";
import type { DebuggerState } from "../rpc/protocol.js";
import type { Frame } from "./frames.js";

/** Told when the program stands still and when it runs again. */
export interface SessionWatcher {
  stopped(pid: number, why: string): void;
  /** @param milliseconds that it has stood */
  resumed(pid: number, milliseconds: number): void;
  /** It stood still several times for a moment each, which together are this long. */
  passed(pid: number, why: string, times: number, milliseconds: number): void;
}

/** Writes it down as events of the step. */
export const watcherOf = (context: StepContext): SessionWatcher => ({
  stopped: context.processStopped,
  resumed: context.processResumed,
  passed: context.processPassed,
});

/** The right to let the program run, held by one step that looks at every stop itself. */
export interface Driving {
  /**
   * Lets the program run, if it does not yet, until its next stop or its end (`exited`); halts it when the signal aborts.
   * @throws StepFailure when Delve refused
   */
  advance(signal: AbortSignal): Promise<DebuggerState>;
  /** Milliseconds since the program stopped; 0 while it runs. */
  standing(): number;
  /** Other steps may let the program run again; one that was running before casebook came runs on. */
  end(): void;
}

/** Where the debugger looks: the goroutine that was switched to, or the one that stopped. */
export interface Current {
  /** null at the program's entry, before there are goroutines. */
  readonly goroutine: number | null;
  readonly location: Frame | null;
}
