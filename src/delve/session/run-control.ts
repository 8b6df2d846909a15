import { setTimeout as delay } from "node:timers/promises";
import { StepFailure } from "../../model/step-kind.js";
import { asFailure } from "../rpc/failure.js";
import { DelveError } from "../rpc/json-rpc.js";
import type { DebuggerState, Thread } from "../rpc/protocol.js";
import { type CommandArguments, type DelveClient } from "../rpc/rpc-client.js";
import { printed } from "../values/value-tree.js";
import { haltMilliseconds, haltUntil } from "./halt.js";
import type { SessionWatcher } from "./session-parts.js";
import { frameOfThread } from "./stop.js";
import type { StopClock } from "./stop-clock.js";
import type { StopSum } from "./stop-sum.js";

/** How long a program may take to come to a breakpoint by itself before it is halted. */
const ownStopMilliseconds = 50;
const haltAttempts = 10;

/** A command that lets the program run until it stops. */
export type Going = Exclude<CommandArguments["name"], "halt" | "switchGoroutine" | "switchThread">;

/**
 * The one place that lets the program run and stops it. It may run while nobody waits for its next stop. While it runs no other
 * call is made, as the connection could not carry the halt after it.
 */
export class RunControl {
  readonly #client: DelveClient;
  readonly #pid: number;
  readonly #clock: StopClock;
  readonly #watcher: SessionWatcher;
  readonly #trapPending: () => Promise<boolean>;
  #over: string | null = null;
  #state: DebuggerState;
  /** Never rejects; null while the program stands. */
  #pending: Promise<void> | null = null;
  #failure: unknown = null;
  #halting = false;
  #stops: number;
  #unseen = false;
  #exitStatus: number | null = null;
  /** Where stops are added up instead of being told one by one. */
  #sum: StopSum | null = null;
  /** Tells of a stop. */
  #telling: NodeJS.Immediate | null = null;
  #untold: string | null = null;

  /** @param stops those that happened before: the attach's */
  constructor(
    client: DelveClient,
    state: DebuggerState,
    options: {
      readonly pid: number;
      readonly clock: StopClock;
      readonly watcher: SessionWatcher;
      trapPending(): Promise<boolean>;
      readonly stops: number;
    },
  ) {
    this.#client = client;
    this.#state = state;
    this.#pid = options.pid;
    this.#clock = options.clock;
    this.#watcher = options.watcher;
    this.#trapPending = options.trapPending;
    this.#stops = options.stops;
    void client.closed.then(() => this.#letLoose());
  }

  get stops(): number {
    return this.#stops;
  }

  /** As of the last stop. */
  get state(): DebuggerState {
    return this.#state;
  }

  get running(): boolean {
    return this.#pending !== null;
  }

  /** The program came to a stop that nobody has looked at. */
  get unseen(): boolean {
    return this.#unseen;
  }

  /** The program's exit status once it has ended (negative: the signal); null before. */
  get exitStatus(): number | null {
    return this.#exitStatus;
  }

  seen(): void {
    this.#unseen = false;
  }

  /** Looks at another goroutine. */
  async select(goroutineID: number, signal: AbortSignal): Promise<void> {
    this.#state = await this.#client.command({ name: "switchGoroutine", goroutineID }, signal);
  }

  /** Lets the program run; nobody has to wait. */
  go(how: Going): void {
    if (this.#over !== null) throw new StepFailure(`${spoken(how)}: ${this.#over}`);
    this.#unseen = false;
    this.#failure = null;
    this.#halting = false;
    this.#pending = this.#client.command({ name: how, ReturnInfoLoadConfig: printed }).then(
      (state) => this.#arrived(state, how),
      (error: unknown) => this.#refused(error, how),
    );
    // It is told only now, when the command is on its way: the program stands for no longer than it must.
    this.#markRunning();
  }

  /**
   * Waits until a program that runs stops or ends (`exited`). When the signal aborts it is halted.
   * @throws StepFailure when Delve refused
   */
  async wait(signal: AbortSignal): Promise<DebuggerState> {
    await this.#settle(signal);
    if (this.#failure !== null) throw this.#failure;
    this.#unseen = false;
    return this.#state;
  }

  /**
   * As `wait`, for a stop that a person waits for.
   * @throws StepFailure when it was halted, ended, or Delve refused
   */
  async stop(how: Going, signal: AbortSignal): Promise<DebuggerState> {
    const state = await this.wait(signal);
    if (state.exited) throw exited(state.exitStatus, how);
    if (!signal.aborted) return state;
    if (state.NextInProgress) await this.#client.cancelNext(AbortSignal.timeout(haltMilliseconds));
    const { currentGoroutine, currentThread } = state;
    const at = currentThread?.function?.name ?? currentGoroutine?.userCurrentLoc.function?.name;
    const where = at === undefined ? "" : ` in ${at}`;
    throw new StepFailure(
      `${spoken(how)} did not come to a stop in time; the program was halted${currentGoroutine === null ? "" : `, goroutine ${currentGoroutine.id} is${where}`}`,
    );
  }

  /**
   * Halts the program if it runs. Delve does so by a SIGTRAP, which stays pending when it meets a breakpoint, and would kill the program
   * once nobody traces it: then it runs on for a moment, in which Delve takes it.
   */
  async halt(): Promise<void> {
    for (let attempt = 0; this.#pending !== null && attempt < haltAttempts; attempt++) {
      await this.#comesToStop();
      await this.#settle(AbortSignal.abort());
      if (this.#failure !== null) throw this.#failure;
      if (this.#exitStatus !== null || !(await this.#trapPending())) return;
      this.go("continue");
    }
    if (this.#pending !== null)
      throw new StepFailure("the program could not be halted: it came to a breakpoint each time");
  }

  /** Where breakpoints are set the program may come to one by itself, which is better than a halt. */
  async #comesToStop(): Promise<void> {
    if (!this.#client.armed) return;
    const short = new AbortController();
    await Promise.race([
      this.#pending,
      delay(ownStopMilliseconds, undefined, { signal: short.signal }).catch(() => {}),
    ]);
    short.abort();
  }

  /** No step lets the program run from now on. */
  finish(why: string): void {
    this.#over ??= why;
  }

  get over(): boolean {
    return this.#over !== null;
  }

  /** From now on stops are added up; null: told one by one. */
  addUp(sum: StopSum | null, why: string): void {
    this.#sum = sum;
    if (sum === null && this.#clock.standing !== null && this.#stops > 0) this.#watcher.stopped(this.#pid, why);
  }

  async #settle(signal: AbortSignal): Promise<void> {
    if (this.#pending === null) return;
    const pending = this.#pending;
    const settled = new AbortController();
    const halt = (): void => {
      this.#halting = true;
      void haltUntil(pending, settled.signal, this.#client);
    };
    signal.addEventListener("abort", halt, { once: true });
    if (signal.aborted) halt();
    await pending;
    settled.abort();
    signal.removeEventListener("abort", halt);
  }

  #arrived(state: DebuggerState, how: Going): void {
    this.#pending = null;
    this.#state = state;
    if (state.exited) {
      this.#exitStatus = state.exitStatus;
      return;
    }
    // In a stripped program Delve knows no goroutines, but its threads stand at breakpoints all the same.
    const at = state.Threads.find(({ breakPoint }) => breakPoint !== null && breakPoint.id > 0) ?? null;
    const asked = this.#halting && at === null;
    this.#unseen = !asked;
    this.#markStopped(asked ? "halted" : whyStopped(at, how));
  }

  #refused(error: unknown, how: Going): void {
    this.#pending = null;
    const status = error instanceof DelveError ? /has exited with status (-?\d+)/.exec(error.message)?.[1] : undefined;
    if (status !== undefined) {
      this.#exitStatus = Number(status);
      this.#failure = exited(this.#exitStatus, how);
      return;
    }
    // Whatever was wrong, Delve answers only while the program stands.
    if (error instanceof DelveError) this.#markStopped("Delve refused to go on");
    this.#failure = asFailure(error, spoken(how));
  }

  #markRunning(): void {
    const { standing } = this.#clock;
    this.#clock.running();
    if (standing === null) return;
    if (this.#sum !== null) this.#sum.add(standing);
    // The first stop of a program that casebook started is its entry: it has not been running yet.
    else if (this.#stops > 0) {
      this.#tell();
      this.#watcher.resumed(this.#pid, standing);
    }
  }

  #markStopped(why: string): void {
    this.#stops++;
    this.#clock.stopped();
    if (this.#sum !== null) return;
    // While the program stands, what is asked of it goes out before anything is written down.
    this.#untold = why;
    this.#telling = setImmediate(() => this.#tell());
  }

  #tell(): void {
    if (this.#telling !== null) clearImmediate(this.#telling);
    if (this.#untold !== null) this.#watcher.stopped(this.#pid, this.#untold);
    this.#telling = null;
    this.#untold = null;
  }

  /** Delve has left, and let go of the program. */
  #letLoose(): void {
    this.#markRunning();
  }
}

function whyStopped(at: Thread | null, how: Going): string {
  if (at !== null) return `breakpoint at ${frameOfThread(at).function}`;
  return how === "continue" ? "Delve halted it" : `${spoken(how)} ended`;
}

function exited(status: number, how: Going): StepFailure {
  const before = how === "continue" ? "it came to a breakpoint" : `the ${spoken(how)} was done`;
  return new StepFailure(`${ended(status)} before ${before}`);
}

/** A command in the runbook's words. */
export const spoken = (how: string): string => (how === "stepOut" ? "step_out" : how);

export const ended = (status: number): string =>
  status < 0 ? `the program was ended by signal ${-status}` : `the program exited with ${status}`;
