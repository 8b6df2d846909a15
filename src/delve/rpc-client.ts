import type { Duplex } from "node:stream";
import { z } from "zod";
import {
  type Breakpoint,
  breakpoint,
  type DebuggerState,
  debuggerState,
  type EvalScope,
  type FoundLocation,
  foundLocation,
  type Goroutine,
  type GoroutineFilter,
  type GoroutineGroup,
  type GoroutineGrouping,
  goroutine,
  goroutineGroup,
  type LoadConfig,
  type Location,
  stackFrame,
  type Variable,
  variable,
  version,
} from "./protocol.js";
import { parseReply } from "./reply.js";

/** Delve's own words for why a call failed. */
export class DelveError extends Error {
  override readonly name = "DelveError";
}

/** The connection to Delve ended: Delve has left, or was cut off. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
}

const envelope = z.object({ id: z.int(), result: z.unknown(), error: z.string().nullish() });

/** What `Command` takes; the last three only stepping commands use. */
export interface CommandArguments {
  readonly name: "continue" | "next" | "step" | "stepOut" | "switchGoroutine" | "halt";
  readonly goroutineID?: number;
  readonly ReturnInfoLoadConfig?: LoadConfig;
}

/** The optional fields say what Delve collects at each stop, before it answers. */
export interface NewBreakpoint {
  readonly addrs: readonly string[];
  readonly Cond: string;
  readonly goroutine?: boolean;
  /** Frames below the innermost one. */
  readonly stacktrace?: number;
  readonly variables?: readonly string[];
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Delve's JSON-RPC service over one connection: a JSON object a line each way, answers in any order, matched by id. While
 * a `command` that lets the program run is outstanding, only `command({ name: "halt" })` and `state` may be called: Delve
 * stops reading the connection at anything else. Calls reject with `DelveError`, `ConnectionLost`, or the signal's reason.
 */
export class DelveClient {
  readonly #stream: Duplex;
  readonly #pending = new Map<number, Pending>();
  readonly #breakpoints = new Set<number>();
  #arm: (armed: boolean) => void = () => {};
  #chunks: Buffer[] = [];
  #last = 0;
  #lost: ConnectionLost | null = null;
  /** Resolves when the connection has ended. */
  readonly closed: Promise<void>;

  constructor(stream: Duplex) {
    this.#stream = stream;
    this.closed = new Promise((resolve) => {
      const end = (error?: Error): void => {
        this.#lose(error);
        resolve();
      };
      stream.on("error", end).on("end", end).on("close", end);
    });
    stream.on("data", (chunk: Buffer) => this.#take(chunk));
  }

  /** Whether breakpoints are set through this connection. */
  get armed(): boolean {
    return this.#breakpoints.size > 0;
  }

  /** Is told before the first breakpoint is set, and after the last has gone. */
  onArm(tell: (armed: boolean) => void): void {
    this.#arm = tell;
  }

  async getVersion(signal: AbortSignal) {
    return version.parse(await this.#call("GetVersion", {}, signal));
  }

  async state(signal: AbortSignal): Promise<DebuggerState> {
    return this.#state(await this.#call("State", { NonBlocking: true }, signal));
  }

  /** Without a signal: a command that lets the program run is ended by `halt`, never abandoned. */
  async command(command: CommandArguments, signal?: AbortSignal): Promise<DebuggerState> {
    return this.#state(await this.#call("Command", command, signal));
  }

  async cancelNext(signal: AbortSignal): Promise<void> {
    await this.#call("CancelNext", {}, signal);
  }

  /** All places that a location of Delve's language names. */
  async findLocation(scope: EvalScope, text: string, signal: AbortSignal): Promise<readonly FoundLocation[]> {
    const reply = await this.#call(
      "FindLocation",
      { Scope: scope, Loc: text, IncludeNonExecutableLines: false },
      signal,
    );
    return z.object({ Locations: z.array(foundLocation) }).parse(reply).Locations;
  }

  /** Addresses go as numbers: those of code fit. */
  async createBreakpoint(wanted: NewBreakpoint, signal: AbortSignal): Promise<Breakpoint> {
    const addrs = wanted.addrs.map(Number);
    this.#arm(true);
    const reply = await this.#call("CreateBreakpoint", { Breakpoint: { ...wanted, addr: addrs[0], addrs } }, signal);
    const made = z.object({ Breakpoint: breakpoint }).parse(reply).Breakpoint;
    this.#breakpoints.add(made.id);
    return made;
  }

  /** Replaces the condition of a breakpoint. */
  async amendBreakpoint(id: number, condition: string, signal: AbortSignal): Promise<void> {
    await this.#call("AmendBreakpoint", { Breakpoint: { id, Cond: condition } }, signal);
  }

  /** Gives the breakpoint as it was, with its hit counts. */
  async clearBreakpoint(id: number, signal: AbortSignal): Promise<Breakpoint> {
    const reply = await this.#call("ClearBreakpoint", { Id: id }, signal);
    this.#breakpoints.delete(id);
    this.#arm(this.#breakpoints.size > 0);
    return z.object({ Breakpoint: breakpoint }).parse(reply).Breakpoint;
  }

  /** Addresses of the instructions with which a function returns; none for one that never does. */
  async functionReturns(name: string, signal: AbortSignal): Promise<readonly string[]> {
    const reply = await this.#call("FunctionReturnLocations", { FnName: name }, signal);
    const { Addrs } = z.object({ Addrs: z.array(z.union([z.number(), z.string()])).nullish() }).parse(reply);
    return (Addrs ?? []).map(String);
  }

  /** Bytes of the program's memory. @param at decimal digits */
  async memory(at: string, length: number, signal: AbortSignal): Promise<Buffer> {
    // As a number of JSON it would lose digits, were it written by way of a JavaScript number beyond 2^53; user space ends at 2^47.
    const reply = await this.#call("ExamineMemory", { Address: Number(at), Length: length }, signal);
    return Buffer.from(z.object({ Mem: z.string() }).parse(reply).Mem, "base64");
  }

  async eval(scope: EvalScope, expression: string, load: LoadConfig, signal: AbortSignal): Promise<Variable> {
    const reply = await this.#call("Eval", { Scope: scope, Expr: expression, Cfg: load }, signal);
    return z.object({ Variable: variable }).parse(reply).Variable;
  }

  async listArguments(scope: EvalScope, load: LoadConfig, signal: AbortSignal): Promise<readonly Variable[]> {
    const reply = await this.#call("ListFunctionArgs", { Scope: scope, Cfg: load }, signal);
    return z.object({ Args: z.array(variable).nullable() }).parse(reply).Args ?? [];
  }

  async listLocals(scope: EvalScope, load: LoadConfig, signal: AbortSignal): Promise<readonly Variable[]> {
    const reply = await this.#call("ListLocalVars", { Scope: scope, Cfg: load }, signal);
    return z.object({ Variables: z.array(variable).nullable() }).parse(reply).Variables ?? [];
  }

  /** At most `depth` frames below the innermost one; goroutine -1 is the current thread. */
  async stacktrace(goroutineId: number, depth: number, signal: AbortSignal): Promise<readonly Location[]> {
    const reply = await this.#call(
      "Stacktrace",
      { Id: goroutineId, Depth: depth, Full: false, Opts: 0, Cfg: null },
      signal,
    );
    return z.object({ Locations: z.array(stackFrame).nullable() }).parse(reply).Locations ?? [];
  }

  /** A page of goroutines; `next` is where the following one starts, or null. */
  async listGoroutines(
    page: { readonly start: number; readonly count: number },
    filters: readonly GoroutineFilter[],
    grouping: GoroutineGrouping | null,
    signal: AbortSignal,
  ): Promise<{
    readonly goroutines: readonly Goroutine[];
    readonly groups: readonly GoroutineGroup[];
    readonly next: number | null;
  }> {
    const request = { Start: page.start, Count: page.count, Filters: filters, ...grouping };
    const reply = z
      .object({
        Goroutines: z.array(goroutine).nullable(),
        Nextg: z.int(),
        Groups: z.array(goroutineGroup).nullish(),
      })
      .parse(await this.#call("ListGoroutines", request, signal));
    return {
      goroutines: reply.Goroutines ?? [],
      groups: reply.Groups ?? [],
      next: reply.Nextg > 0 ? reply.Nextg : null,
    };
  }

  /** Names of the functions that match a regular expression. */
  async listFunctions(filter: string, signal: AbortSignal): Promise<readonly string[]> {
    const reply = await this.#call("ListFunctions", { Filter: filter }, signal);
    return z.object({ Funcs: z.array(z.string()).nullable() }).parse(reply).Funcs ?? [];
  }

  /** Paths of the source files that match a regular expression. */
  async listSources(filter: string, signal: AbortSignal): Promise<readonly string[]> {
    const reply = await this.#call("ListSources", { Filter: filter }, signal);
    return z.object({ Sources: z.array(z.string()).nullable() }).parse(reply).Sources ?? [];
  }

  /** Ends the connection; with a client of one connection Delve then ends the program it started, or lets go of the one it attached to. */
  close(): void {
    this.#stream.destroy();
  }

  #state(reply: unknown): DebuggerState {
    return z.object({ State: debuggerState }).parse(reply).State;
  }

  #call(method: string, parameters: object, signal?: AbortSignal): Promise<unknown> {
    if (this.#lost !== null) return Promise.reject(this.#lost);
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#pending.delete(id);
        signal?.removeEventListener("abort", abort);
      };
      const abort = (): void => {
        leave();
        reject(signal?.reason);
      };
      this.#pending.set(id, {
        resolve: (result) => {
          leave();
          resolve(result);
        },
        reject: (error) => {
          leave();
          reject(error);
        },
      });
      signal?.addEventListener("abort", abort, { once: true });
      this.#stream.write(`${JSON.stringify({ method: `RPCServer.${method}`, params: [parameters], id })}\n`);
    });
  }

  #take(chunk: Buffer): void {
    let rest = chunk;
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
      const line = Buffer.concat([...this.#chunks, rest.subarray(0, end)]).toString("utf8");
      this.#chunks = [];
      rest = rest.subarray(end + 1);
      if (line !== "") this.#answer(line);
    }
    if (rest.length > 0) this.#chunks.push(rest);
  }

  #answer(line: string): void {
    let reply: z.infer<typeof envelope>;
    try {
      reply = envelope.parse(parseReply(line));
    } catch (cause) {
      // Whatever speaks there, it is not Delve.
      this.#stream.destroy(new Error(`expected a JSON-RPC reply, found ${line.slice(0, 200)}`, { cause }));
      return;
    }
    const waiting = this.#pending.get(reply.id);
    // An answer to a call that was given up.
    if (waiting === undefined) return;
    if (typeof reply.error === "string") waiting.reject(new DelveError(reply.error.trim()));
    else waiting.resolve(reply.result);
  }

  #lose(cause?: Error): void {
    this.#lost ??= new ConnectionLost("Delve closed the connection", cause === undefined ? {} : { cause });
    for (const waiting of [...this.#pending.values()]) waiting.reject(this.#lost);
  }
}
