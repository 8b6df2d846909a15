import { type Key, StepFailure } from "../model/step-kind.js";
import { asFailure } from "./failure.js";
import { callerOf, type Frame, sourceRoot, toFrame } from "./frames.js";
import { haltMilliseconds, haltUntil } from "./halt.js";
import type { DebuggerState } from "./protocol.js";
import { type CommandArguments, type DelveClient, DelveError } from "./rpc-client.js";
import type { Current, Driving, SessionWatcher, Stack } from "./session-parts.js";
import type { SourceFiles } from "./source-files.js";
import { frameOfThread, type Hit, hitsOf, movedOthers, type Stop } from "./stop.js";
import { StopSum } from "./stop-sum.js";
import { printed } from "./value-tree.js";

/** The session of the enclosing `delve` step, for the steps inside it. */
export const delveSession: Key<DelveSession> = { name: "delve-session" };

type Going = Exclude<CommandArguments["name"], "halt" | "switchGoroutine">;

/**
 * A debugging session: one program, and the one place that lets it run and stops it. While the program runs no other call
 * is made, as the connection could not carry the halt after it.
 */
export class DelveSession {
  readonly client: DelveClient;
  readonly pid: number;
  /** Delve's: `1.20.2`. */
  readonly version: string;
  readonly sources: SourceFiles;
  /** Breakpoints that steps have set, by their location as written. */
  readonly breakpoints = new Map<string, { readonly id: number; readonly where: string }>();
  /** Resolves with the reason when the session cannot go on. */
  readonly broken: Promise<string>;
  #break: (why: string) => void = () => {};
  #state: DebuggerState;
  #stops = 0;
  #stoppedMilliseconds = 0;
  #stoppedSince: number | null = performance.now();
  #exitStatus: number | null = null;
  #budgetTimer: NodeJS.Timeout | null = null;
  #sourceRoot: string | null = null;
  #driver: string | null = null;
  /** Of the stops that a driving step makes. */
  #sum: StopSum | null = null;
  readonly #budget: number | null;
  readonly #watcher: SessionWatcher;

  /**
   * @param state of the program, which stands
   * @param budget milliseconds that the program may stand in all; null: no limit
   */
  constructor(
    client: DelveClient,
    state: DebuggerState,
    options: {
      readonly version: string;
      readonly budget: number | null;
      readonly watcher: SessionWatcher;
      readonly sources: SourceFiles;
    },
  ) {
    this.client = client;
    this.pid = state.Pid;
    this.version = options.version;
    this.sources = options.sources;
    this.#state = state;
    this.#budget = options.budget;
    this.#watcher = options.watcher;
    this.broken = new Promise((resolve) => {
      this.#break = resolve;
    });
    void client.closed.then(() => this.#break("Delve left, so the debugging session is over"));
    this.#armBudget();
  }

  get stops(): number {
    return this.#stops;
  }

  get stoppedMilliseconds(): number {
    const since = this.#stoppedSince;
    return Math.round(this.#stoppedMilliseconds + (since === null ? 0 : performance.now() - since));
  }

  /** The program's exit status once it has ended (negative: the signal); null before. */
  get exitStatus(): number | null {
    return this.#exitStatus;
  }

  get current(): Current {
    const { currentGoroutine, currentThread } = this.#state;
    if (currentGoroutine === null) {
      const at = currentThread === null ? null : frameOfThread(currentThread);
      // At the entry of a dynamically linked program the loader runs, of which Delve knows no line.
      return { goroutine: null, location: at === null || at.line <= 0 ? null : at };
    }
    const running = currentThread !== null && currentThread.goroutineID === currentGoroutine.id;
    const location = running ? frameOfThread(currentThread) : toFrame(currentGoroutine.userCurrentLoc);
    return { goroutine: currentGoroutine.id, location };
  }

  /** The goroutines that stand at a breakpoint now. */
  get hits(): readonly Hit[] {
    return hitsOf(this.#state);
  }

  /** How often the breakpoint at which the current goroutine stands was hit, or null when it stands at none. */
  get currentBreakpoint() {
    const { currentThread, currentGoroutine } = this.#state;
    return currentThread !== null && currentThread.goroutineID === currentGoroutine?.id
      ? currentThread.breakPoint
      : null;
  }

  /**
   * Lets the program run until it stops: at a breakpoint, or where a step ends. A step that other goroutines' breakpoints interrupt is
   * carried on with. When the signal aborts the program is halted.
   * @throws StepFailure when it was halted, ended, or Delve refused
   */
  async run(how: Going, signal: AbortSignal): Promise<Stop> {
    this.requireProgram(spoken(how));
    signal.throwIfAborted();
    const stepping = how === "continue" ? null : this.current.goroutine;
    const before = this.hits;
    const hits: Hit[] = [];
    let state = await this.#go(how, signal);
    hits.push(...hitsOf(state));
    while (state.NextInProgress) {
      state = await this.#go("continue", signal);
      hits.push(...hitsOf(state));
    }
    const own = state.Threads.find((thread) => thread.goroutineID === stepping) ?? state.currentThread;
    return {
      hits,
      returned: how === "stepOut" ? (own?.ReturnValues ?? []) : [],
      moved: stepping === null ? [] : movedOthers(stepping, before, hits, hitsOf(state)),
    };
  }

  /**
   * Gives one step alone the right to let the program run. Of the many short stops that it makes, the watcher is told sums.
   * @param by for the message to whoever else wants it, such as `a catch step`
   * @param why it stops the program
   * @throws StepFailure when another step has the right, or the program has ended
   */
  drive(by: string, why: string): Driving {
    this.requireProgram(by);
    this.#driver = by;
    const sum = new StopSum((times, milliseconds) => this.#watcher.passed(this.pid, why, times, milliseconds));
    return {
      advance: async (signal) => {
        this.#markRunning();
        this.#sum = sum;
        const state = await this.#resume("continue", signal);
        if (state.exited) {
          this.#exitStatus = state.exitStatus;
          this.#markEnded();
          return state;
        }
        this.#state = state;
        this.#markStopped(why);
        return state;
      },
      standing: () => (this.#stoppedSince === null ? 0 : performance.now() - this.#stoppedSince),
      end: () => {
        this.#driver = null;
        this.#sum = null;
        sum.flush();
        if (this.#stoppedSince !== null && this.#stops > 0) this.#watcher.stopped(this.pid, why);
      },
    };
  }

  /** Looks at another goroutine. */
  async select(goroutine: number, signal: AbortSignal): Promise<void> {
    this.#state = await this.client.command({ name: "switchGoroutine", goroutineID: goroutine }, signal);
  }

  /** A goroutine's stack, innermost frame first, with its first frame outside Go's standard library. */
  async stack(goroutine: number, depth: number, signal: AbortSignal): Promise<Stack> {
    // Delve counts the frames below the innermost one.
    const frames = (await this.client.stacktrace(goroutine, depth - 1, signal)).map(toFrame);
    return { frames, caller: this.callerAmong(frames) };
  }

  /** The first frame outside Go's standard library. */
  callerAmong(frames: readonly Frame[]): Frame | null {
    // Where the standard library is, stacks that reach down to the start of their goroutine tell.
    this.#sourceRoot ??= sourceRoot(frames);
    return callerOf(frames, this.#sourceRoot);
  }

  async #resume(how: Going, signal: AbortSignal): Promise<DebuggerState> {
    const pending = this.client.command({ name: how, ReturnInfoLoadConfig: printed });
    const halting = new AbortController();
    const halt = (): void => void haltUntil(pending, halting.signal, this.client);
    signal.addEventListener("abort", halt, { once: true });
    if (signal.aborted) halt();
    try {
      return await pending;
    } catch (error) {
      throw this.#whyNot(error, how);
    } finally {
      halting.abort();
      signal.removeEventListener("abort", halt);
    }
  }

  async #go(how: Going, signal: AbortSignal): Promise<DebuggerState> {
    this.#markRunning();
    const state = await this.#resume(how, signal);
    if (state.exited) throw this.#exited(state.exitStatus, how);
    this.#state = state;
    const halted = signal.aborted && hitsOf(state).length === 0;
    this.#markStopped(halted ? "halted" : why(hitsOf(state), how));
    if (!signal.aborted) return state;
    if (state.NextInProgress) await this.client.cancelNext(AbortSignal.timeout(haltMilliseconds));
    const { goroutine, location } = this.current;
    const at = location === null ? "" : ` in ${location.function}`;
    throw new StepFailure(
      `${spoken(how)} did not come to a stop in time; the program was halted${goroutine === null ? "" : `, goroutine ${goroutine} is${at}`}`,
    );
  }

  #whyNot(error: unknown, how: Going): unknown {
    const status = error instanceof DelveError ? /has exited with status (-?\d+)/.exec(error.message)?.[1] : undefined;
    if (status !== undefined) return this.#exited(Number(status), how);
    // Whatever was wrong, Delve answers only while the program stands.
    if (error instanceof DelveError) this.#markStopped("Delve refused to go on");
    return asFailure(error, spoken(how));
  }

  #exited(status: number, how: Going): StepFailure {
    this.#exitStatus = status;
    this.#markEnded();
    const before = how === "continue" ? "it came to a breakpoint" : `the ${spoken(how)} was done`;
    return new StepFailure(`${ended(status)} before ${before}`);
  }

  /** @throws StepFailure when the program has ended, or another step lets it run: Delve answers nothing about it then */
  requireProgram(what: string): void {
    if (this.#driver !== null) {
      throw new StepFailure(`${what}: ${this.#driver} lets the program run meanwhile`, {
        remedy: "put the step before it or after it, not into its during",
      });
    }
    if (this.#exitStatus !== null) {
      throw new StepFailure(`${what}: there is no program any more: ${ended(this.#exitStatus)}`);
    }
  }

  #markRunning(): void {
    const milliseconds = this.#stoppedSince === null ? 0 : performance.now() - this.#stoppedSince;
    this.#stoppedMilliseconds += milliseconds;
    this.#stoppedSince = null;
    if (this.#budgetTimer !== null) clearTimeout(this.#budgetTimer);
    if (this.#sum !== null) this.#sum.add(milliseconds);
    // The program's first stop is its entry: it has not been running yet.
    else if (this.#stops > 0) this.#watcher.resumed(this.pid);
  }

  #markStopped(why: string): void {
    this.#stops++;
    this.#stoppedSince = performance.now();
    if (this.#sum === null) this.#watcher.stopped(this.pid, why);
    this.#armBudget();
  }

  #markEnded(): void {
    this.#stoppedSince = null;
  }

  #armBudget(): void {
    if (this.#budget === null) return;
    const left = Math.max(0, this.#budget - this.stoppedMilliseconds);
    this.#budgetTimer = setTimeout(() => {
      this.#break(`the program stood still for ${this.#budget} ms in all, which is what max_stopped allows`);
    }, left);
  }

  /** Nothing of the session is used after this; ending the program is the launcher's part. */
  release(): void {
    if (this.#budgetTimer !== null) clearTimeout(this.#budgetTimer);
  }
}

function why(hits: readonly Hit[], how: Going): string {
  const [first] = hits;
  return first === undefined ? `${spoken(how)} ended` : `breakpoint at ${first.location.function}`;
}

const spoken = (how: string): string => (how === "stepOut" ? "step_out" : how);

const ended = (status: number): string =>
  status < 0 ? `the program was ended by signal ${-status}` : `the program exited with ${status}`;
