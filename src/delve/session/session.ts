import { type Key, StepFailure } from "../../model/step-kind.js";
import type { DebuggerState, Thread, Variable } from "../rpc/protocol.js";
import type { DelveClient } from "../rpc/rpc-client.js";
import { listed } from "../values/value-tree.js";
import { Breakpoints } from "./breakpoints.js";
import { type Frame, toFrame } from "./frames.js";
import { ended, type Going, RunControl, spoken } from "./run-control.js";
import type { Current, Driving, SessionWatcher } from "./session-parts.js";
import type { SourceFiles } from "./source-files.js";
import { Stacks } from "./stacks.js";
import { frameOfThread, type Hit, hitsOf, movedOthers, type Stop } from "./stop.js";
import type { StopClock } from "./stop-clock.js";
import { StopSum } from "./stop-sum.js";

/** The session of the enclosing `delve` step, for the steps inside it. */
export const delveSession: Key<DelveSession> = { name: "delve-session" };

export interface SessionOptions {
  /** Delve's: `1.20.2`. */
  readonly version: string;
  /** Runs already when the program stands. */
  readonly clock: StopClock;
  /** The program was running before and runs whenever no step needs it to stand. */
  readonly runsOn: boolean;
  /** Whether the program has DWARF debug information. */
  readonly debugInformation: boolean;
  /** With which the program was built; null: not known. */
  readonly goVersion: string | null;
  readonly watcher: SessionWatcher;
  readonly sources: SourceFiles;
  /** Told before the first breakpoint is set, and after the last has gone. */
  arm?(armed: boolean): void;
  /** Whether a SIGTRAP waits for the program, where that could end it. */
  trapPending?(): Promise<boolean>;
}

/**
 * A debugging session with one program. One that was running before runs on until a stop: a step that finds it running halts it for
 * what it has to ask (`stand`) and lets it run on afterwards (`leave`), unless it came to a stop that later steps are to look at.
 */
export class DelveSession {
  readonly client: DelveClient;
  readonly pid: number;
  /** Delve's: `1.20.2`. */
  readonly version: string;
  readonly sources: SourceFiles;
  readonly runsOn: boolean;
  readonly debugInformation: boolean;
  readonly goVersion: string | null;
  readonly stacks: Stacks;
  readonly breakpoints: Breakpoints;
  /** Resolves with the reason when the session cannot go on. */
  readonly broken: Promise<string>;
  readonly #control: RunControl;
  readonly #clock: StopClock;
  readonly #watcher: SessionWatcher;
  #keep = false;
  /** The step that alone lets the program run. */
  #driver: string | null = null;

  /** @param state of the program, which stands */
  constructor(client: DelveClient, state: DebuggerState, options: SessionOptions) {
    const { version, clock, runsOn, debugInformation, watcher, sources } = options;
    if (options.arm !== undefined) client.onArm(options.arm);
    this.client = client;
    this.pid = state.Pid;
    this.version = version;
    this.sources = sources;
    this.runsOn = runsOn;
    this.debugInformation = debugInformation;
    this.goVersion = options.goVersion;
    this.breakpoints = new Breakpoints(client);
    this.stacks = new Stacks(client, debugInformation, () => this.#control.state.currentThread);
    this.#clock = clock;
    this.#watcher = watcher;
    this.#control = new RunControl(client, state, {
      pid: state.Pid,
      clock,
      watcher,
      trapPending: options.trapPending ?? (async () => false),
      stops: runsOn ? 1 : 0,
    });
    const left = client.closed.then(() => "Delve left, so the debugging session is over");
    this.broken = Promise.race([clock.usedUp, left]);
    // Whoever works with it meanwhile: what is to be let go of must not be stopped again.
    void this.broken.then(() => this.#control.finish("the debugging session is over"));
  }

  get stops(): number {
    return this.#control.stops;
  }

  get stoppedMilliseconds(): number {
    return this.#clock.milliseconds;
  }

  /** Milliseconds that the program may still stand; null: no limit. */
  get stopLeft(): number | null {
    return this.#clock.left;
  }

  /** The program's exit status once it has ended (negative: the signal); null before. */
  get exitStatus(): number | null {
    return this.#control.exitStatus;
  }

  /** Whether the program runs: Delve can be asked only when it stands. */
  get running(): boolean {
    return this.#control.running;
  }

  get current(): Current {
    const { currentGoroutine, currentThread } = this.#control.state;
    if (this.running) return { goroutine: null, location: null };
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
    return hitsOf(this.#control.state);
  }

  /** How often the breakpoint at which the current goroutine stands was hit, or null when it stands at none. */
  get currentBreakpoint() {
    return this.#ownThread?.breakPoint ?? null;
  }

  /** The stack of the goroutine that is looked at, innermost frame first: as it was collected at its breakpoint, or asked for. */
  async stack(depth: number, signal: AbortSignal): Promise<readonly Frame[]> {
    const thread = this.#ownThread;
    const collected = thread === null ? null : this.breakpoints.stackAt(thread, depth);
    return collected ?? (await this.stacks.of(this.current.goroutine ?? -1, depth, signal)).frames;
  }

  /** The arguments of the function in which the goroutine stands that is looked at. */
  async arguments(signal: AbortSignal): Promise<readonly Variable[]> {
    const thread = this.#ownThread;
    const collected = thread === null ? null : this.breakpoints.argumentsAt(thread);
    const scope = { GoroutineID: this.current.goroutine ?? -1, Frame: 0 };
    return collected ?? (await this.client.listArguments(scope, listed, signal));
  }

  /** The one that runs the goroutine which is looked at. */
  get #ownThread(): Thread | null {
    const { currentThread, currentGoroutine } = this.#control.state;
    return currentThread?.goroutineID === currentGoroutine?.id ? currentThread : null;
  }

  /**
   * Lets the program run until it stops: at a breakpoint, or where a step ends. A step that other goroutines' breakpoints interrupt is
   * carried on with. A program that has been running until now is waited for, and one that came to a stop which no step has seen
   * is at its stop. When the signal aborts the program is halted.
   * @throws StepFailure when it was halted, ended, or Delve refused
   */
  async run(how: Going, signal: AbortSignal): Promise<Stop> {
    this.requireProgram(spoken(how));
    signal.throwIfAborted();
    if (this.running && how !== "continue") {
      throw new StepFailure(`${spoken(how)}: the program runs, and stands at no line that could be left`, {
        remedy: "stop it before with halt, or at a breakpoint with continue",
      });
    }
    const stepping = how === "continue" ? null : this.current.goroutine;
    const before = this.hits;
    this.#keep = false;
    if (!this.running && !(how === "continue" && this.#control.unseen)) this.#control.go(how);
    let state = await this.#control.stop(how, signal);
    const hits: Hit[] = [...hitsOf(state)];
    while (state.NextInProgress) {
      this.#control.go("continue");
      state = await this.#control.stop(how, signal);
      hits.push(...hitsOf(state));
    }
    this.#keep = true;
    const own = state.Threads.find((thread) => thread.goroutineID === stepping) ?? state.currentThread;
    return {
      hits,
      returned: how === "stepOut" ? (own?.ReturnValues ?? []) : [],
      moved: stepping === null ? [] : movedOthers(stepping, before, hits, hitsOf(state)),
    };
  }

  /** Halts the program if it runs, so that Delve answers. Where it stands is not looked at: a stop that it came to stays unseen. */
  async stand(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await this.#control.halt();
    if (this.#control.unseen) this.#keep = true;
  }

  /** As `stand`, to look at the place: the next `continue` goes on from here. */
  async look(signal: AbortSignal): Promise<void> {
    await this.stand(signal);
    this.#control.seen();
  }

  /** Stands until a step lets it run. */
  async halt(signal: AbortSignal): Promise<void> {
    await this.look(signal);
    this.#keep = true;
  }

  /** Lets the program run on without waiting for its next stop. */
  letRun(): void {
    this.#keep = false;
    if (this.exitStatus === null && !this.running) this.#control.go("continue");
  }

  /** A step is done: a program that runs on does so, unless it stands at a stop. */
  leave(): void {
    if (this.runsOn && !this.#keep && this.#driver === null && !this.#control.over) this.letRun();
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
        if (!this.running) this.#control.go("continue");
        this.#control.addUp(sum, why);
        return await this.#control.wait(signal);
      },
      standing: () => this.#clock.standing ?? 0,
      end: () => {
        this.#driver = null;
        sum.flush();
        this.#control.addUp(null, why);
        this.#keep = false;
        this.leave();
      },
    };
  }

  /** Looks at another goroutine. */
  async select(goroutine: number, signal: AbortSignal): Promise<void> {
    await this.#control.select(goroutine, signal);
  }

  /** @throws StepFailure when the program has ended, or another step lets it run: Delve answers nothing about it then */
  requireProgram(what: string): void {
    if (this.#driver !== null) {
      throw new StepFailure(`${what}: ${this.#driver} lets the program run meanwhile`, {
        remedy: "put the step before it or after it, not into its during",
      });
    }
    if (this.exitStatus !== null) {
      throw new StepFailure(`${what}: there is no program any more: ${ended(this.exitStatus)}`);
    }
  }

  /** Commands that let the program run fail with this reason. */
  cannotRun(why: string): void {
    this.#control.finish(why);
  }

  /** Nothing of the session is used after this; ending the program, or letting go of it, is the launcher's part. */
  release(): void {
    this.#clock.dispose();
  }
}
