import type { DebuggerState, Thread } from "../../delve/rpc/protocol.js";
import type { Frame } from "../../delve/session/frames.js";
import { creatorOf, toFrame } from "../../delve/session/frames.js";
import type { DelveSession } from "../../delve/session/session.js";
import type { Driving } from "../../delve/session/session-parts.js";
import type { Descriptor } from "../../delve/values/descriptor.js";
import { isKnownToGiveSocket } from "../../delve/values/known-sockets.js";
import { type SocketFound, socketOf } from "../../linux/socket-of.js";
import type { Evidence } from "../../model/evidence.js";
import type { StepContext } from "../../model/step-kind.js";
import { Calls } from "./calls.js";
import { HitFold } from "./fold.js";
import { type CatchRecord, toLine } from "./record.js";
import { ResultReader } from "./results.js";
import { type Site, Sites } from "./sites.js";
import { type CatchSpec, callerDepth, defaultStack } from "./spec.js";
import { standingOf } from "./standing.js";
import { readValues, refuseUnknownNames } from "./values.js";

/** Reading at one stop may take this long; then Delve hangs. */
const stopMilliseconds = 30_000;

/** Takes everything from the stops of a program: hits, their returns, and what they read; writes it down before it runs on. */
export class Collector {
  readonly fold: HitFold;
  readonly sites: Sites;
  readonly calls = new Calls();
  readonly #spec: CatchSpec;
  readonly #session: DelveSession;
  readonly #driving: Driving;
  readonly #context: StepContext;
  readonly #evidence: Evidence;
  readonly #results: ResultReader;
  readonly #stacks = new Map<string, number>();
  readonly #noReturn = new Map<string, string | null>();

  constructor(spec: CatchSpec, session: DelveSession, driving: Driving, context: StepContext, evidence: Evidence) {
    const stack = spec.stack ?? defaultStack;
    this.#spec = spec;
    this.#session = session;
    this.#driving = driving;
    this.#context = context;
    this.#evidence = evidence;
    this.fold = new HitFold(stack);
    this.#results = new ResultReader(session);
    this.sites = new Sites(session, { at: spec.at, where: spec.where, read: Object.values(spec.read ?? {}), stack });
  }

  /** Processes every thread that stands at one of our breakpoints, not only the current one. Gives how many did. */
  async take(state: DebuggerState): Promise<number> {
    const signal = AbortSignal.timeout(stopMilliseconds);
    let taken = 0;
    for (const thread of state.Threads) {
      const site = thread.breakPoint === null ? null : this.sites.hit(thread.breakPoint);
      if (site === null) continue;
      taken++;
      if (site.kind === "return") await this.#leave(site, thread, signal);
      else if (this.#spec.count === undefined || this.fold.count < this.#spec.count) {
        await this.#enter(site, thread, signal);
      }
    }
    // A condition catches few of many calls: the others must not stop at their return.
    if (this.#spec.where !== undefined && this.calls.size === 0) await this.sites.clear("return", signal);
    return taken;
  }

  async #enter(site: Site, thread: Thread, signal: AbortSignal): Promise<void> {
    const { read = {} } = this.#spec;
    const depth = Math.max(this.#spec.stack ?? defaultStack, callerDepth);
    const standing = await standingOf(thread, this.#session, depth, signal);
    const { goroutine, owner, frame, stack } = standing;
    const frames = stack.map(toFrame);
    const values = await readValues(read, thread.breakPointInfo?.variables ?? [], goroutine, this.#session, signal);
    if (this.fold.count === 0 && this.sites.entries.length === 1 && this.#session.debugInformation) {
      await refuseUnknownNames(read, values, goroutine, this.#session, signal);
    }
    const hit = this.fold.count + 1;
    const noReturn = standing.inlined
      ? "the call was inlined, so it has no return of its own"
      : await this.#whyNoReturn(site, goroutine, signal);
    if (noReturn === null && site.function !== null && frame !== null) {
      await this.sites.watchReturns(site.function, signal);
      this.calls.enter({ hit, owner, function: site.function, frame });
    }
    const { pc, file, line, function: found } = thread;
    const started = thread.breakPointInfo?.goroutine?.goStatementLoc;
    await this.#write({
      type: "hit",
      hit,
      goroutine,
      at: this.#context.now().toISOString(),
      location: frames[0] ?? toFrame({ pc, file, line, function: found }),
      values,
      stack: await this.#stackOf(site, frames, stack.map((place) => place.pc).join()),
      created_by: started === undefined ? null : creatorOf(started),
      ...(noReturn !== null && { no_return: noReturn }),
      milliseconds: this.#standing(),
    });
  }

  async #leave(site: Site, thread: Thread, signal: AbortSignal): Promise<void> {
    const name = site.function;
    const { goroutine, owner, frame, stack, registers } = await standingOf(thread, this.#session, 0, signal);
    if (name === null || frame === null) return;
    const call = this.calls.leave(owner, name, frame);
    if (call === null) return;
    const optimized = stack[0]?.function?.optimized ?? false;
    const variables = thread.breakPointInfo?.variables ?? [];
    const { results, descriptor } =
      registers === null
        ? await this.#results.read({ function: name, goroutine, optimized, variables }, signal)
        : await this.#results.readBare(name, registers, signal);
    const found = typeof descriptor === "string" ? { why: descriptor } : await this.#socketOf(descriptor, signal);
    await this.#write({
      type: "return",
      hit: call.hit,
      results,
      socket: "socket" in found ? found.socket : null,
      no_socket: "why" in found ? found.why : null,
      milliseconds: this.#standing(),
    });
  }

  /** By the descriptor; that the program believes it to have the same port shows that both speak of one process. */
  async #socketOf({ fd, port }: Descriptor, signal: AbortSignal): Promise<SocketFound> {
    const found = await socketOf(this.#context.target, this.#session.pid, fd, signal);
    if (!("socket" in found) || port === null || found.socket.port === port) return found;
    return { why: `the program says that descriptor ${fd} has port ${port}, the kernel says ${found.socket.port}` };
  }

  /** Why returns from a place are not watched; null: they are. */
  async #whyNoReturn(site: Site, goroutine: number, signal: AbortSignal): Promise<string | null> {
    const { results } = this.#spec;
    const name = site.function;
    if (name === null) return `${site.at} is not the entry of a function`;
    if (results === false) return "returns are not watched: results is false";
    const known = this.#noReturn.get(name);
    if (known !== undefined) return known;
    const { debugInformation } = this.#session;
    const watched = debugInformation
      ? results === true || (await this.#results.givesSocket(name, goroutine, signal))
      : isKnownToGiveSocket(name);
    const returns = watched ? await this.#session.client.functionReturns(name, signal) : [];
    const unwatched = debugInformation
      ? `${name} returns no socket`
      : `the program is stripped: what ${name} returns is not described`;
    const why = watched ? `${name} never returns` : unwatched;
    const found = returns.length > 0 ? null : why;
    this.#noReturn.set(name, found);
    return found;
  }

  /** A stack is written when it is met first. */
  async #stackOf(site: Site, frames: readonly Frame[], key: string): Promise<number> {
    const known = this.#stacks.get(key);
    if (known !== undefined) return known;
    const stack = this.#stacks.size + 1;
    this.#stacks.set(key, stack);
    // Who calls a function is not the function itself, wherever it is declared.
    const callers = this.#session.stacks.callersAmong(site.function === null ? frames : frames.slice(1));
    await this.#write({ type: "stack", stack, frames, caller: callers[0] ?? null, callers });
    return stack;
  }

  #standing = (): number => Math.round(this.#driving.standing() * 10) / 10;

  async #write(record: CatchRecord): Promise<void> {
    await this.#evidence.write(toLine(record));
    this.fold.add(record);
  }
}
