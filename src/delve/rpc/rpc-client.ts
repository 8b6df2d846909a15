import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import * as z from "zod";
import { DelveError, JsonRpc } from "./json-rpc.js";
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

/*
 * The results of the calls. Each is made once: making it anew would cost more than what is parsed with it, while a program stands.
 */
const listedBreakpoints = z.object({ Breakpoints: z.array(breakpoint).nullable() });
const oneBreakpoint = z.object({ Breakpoint: breakpoint });
const foundLocations = z.object({ Locations: z.array(foundLocation) });
const addresses = z.object({ Addrs: z.array(z.union([z.number(), z.string()])).nullish() });
const memory = z.object({ Mem: z.string() });
const registers = z.object({ Regs: z.array(z.object({ Name: z.string(), Value: z.string() })).nullable() });
const oneVariable = z.object({ Variable: variable });
const listedArguments = z.object({ Args: z.array(variable).nullable() });
const listedVariables = z.object({ Variables: z.array(variable).nullable() });
const stack = z.object({ Locations: z.array(stackFrame).nullable() });
const goroutinePage = z.object({
  Goroutines: z.array(goroutine).nullable(),
  Nextg: z.int(),
  Groups: z.array(goroutineGroup).nullish(),
});
const listedFunctions = z.object({ Funcs: z.array(z.string()).nullable() });
const listedSources = z.object({ Sources: z.array(z.string()).nullable() });
const stopped = z.object({ State: debuggerState });

/** What `Command` takes; the last three only stepping commands use. */
export interface CommandArguments {
  readonly name: "continue" | "next" | "step" | "stepOut" | "switchGoroutine" | "switchThread" | "halt";
  readonly goroutineID?: number;
  readonly threadID?: number;
  readonly ReturnInfoLoadConfig?: LoadConfig;
}

/** Bytes of memory that Delve gives at once. */
const longestMemory = 1000;

/** When a breakpoint stops the program; the optional fields say what Delve collects at each stop, before it answers. */
export interface BreakpointTerms {
  readonly Cond: string;
  readonly goroutine?: boolean;
  /** Frames below the innermost one. */
  readonly stacktrace?: number;
  readonly variables?: readonly string[];
  readonly LoadArgs?: LoadConfig;
}

export interface NewBreakpoint extends BreakpointTerms {
  readonly addrs: readonly string[];
}

/**
 * Delve's JSON-RPC service over one connection: a JSON object a line each way, answers in any order, matched by id. While
 * a `command` that lets the program run is outstanding, only `command({ name: "halt" })` and `state` may be called: Delve
 * stops reading the connection at anything else. Calls reject with `DelveError`, `ConnectionLost`, or the signal's reason.
 */
export class DelveClient {
  readonly #rpc: JsonRpc;
  /** What is told of a breakpoint besides its terms, by its number. */
  readonly #breakpoints = new Map<number, { readonly name?: string }>();
  #named = 0;
  #breakpointName: string | null = null;
  #arm: (armed: boolean) => void = () => {};
  /** Resolves when the connection has ended. */
  readonly closed: Promise<void>;

  constructor(stream: Duplex) {
    this.#rpc = new JsonRpc(stream);
    this.closed = this.#rpc.closed;
  }

  /** Whether breakpoints are set through this connection. */
  get armed(): boolean {
    return this.#breakpoints.size > 0;
  }

  /** Is told before the first breakpoint is set, and after the last has gone. */
  onArm(tell: (armed: boolean) => void): void {
    this.#arm = tell;
  }

  /** Breakpoints get names from now on, by which they are told from those of other clients; yields how the names begin. */
  nameBreakpoints(): string {
    this.#breakpointName = `casebook${randomUUID().replaceAll("-", "")}`;
    return this.#breakpointName;
  }

  /** A server may have been started for version 1. */
  async useApi2(signal: AbortSignal): Promise<void> {
    await this.#rpc.call("SetApiVersion", { APIVersion: 2 }, signal);
  }

  /** Those that clients have set, not Delve's own. */
  async listBreakpoints(signal: AbortSignal): Promise<readonly Breakpoint[]> {
    const reply = await this.#rpc.call("ListBreakpoints", { All: false }, signal);
    return (listedBreakpoints.parse(reply).Breakpoints ?? []).filter(({ id }) => id > 0);
  }

  async getVersion(signal: AbortSignal) {
    return version.parse(await this.#rpc.call("GetVersion", {}, signal));
  }

  async state(signal: AbortSignal): Promise<DebuggerState> {
    return this.#state(await this.#rpc.call("State", { NonBlocking: true }, signal));
  }

  /** Without a signal: a command that lets the program run is ended by `halt`, never abandoned. */
  async command(command: CommandArguments, signal?: AbortSignal): Promise<DebuggerState> {
    const reply = this.#rpc.call("Command", command, signal);
    this.#rpc.flush();
    return this.#state(await reply);
  }

  async cancelNext(signal: AbortSignal): Promise<void> {
    await this.#rpc.call("CancelNext", {}, signal);
  }

  /** All places that a location of Delve's language names. */
  async findLocation(scope: EvalScope, text: string, signal: AbortSignal): Promise<readonly FoundLocation[]> {
    const reply = await this.#rpc.call(
      "FindLocation",
      { Scope: scope, Loc: text, IncludeNonExecutableLines: false },
      signal,
    );
    return foundLocations.parse(reply).Locations;
  }

  /** Addresses go as numbers: those of code fit. */
  async createBreakpoint(wanted: NewBreakpoint, signal: AbortSignal): Promise<Breakpoint> {
    const addrs = wanted.addrs.map(Number);
    const name = this.#breakpointName === null ? {} : { name: `${this.#breakpointName}x${++this.#named}` };
    const asked = { Breakpoint: { ...wanted, ...name, addr: addrs[0], addrs } };
    this.#arm(true);
    try {
      const made = oneBreakpoint.parse(await this.#rpc.call("CreateBreakpoint", asked, signal)).Breakpoint;
      this.#breakpoints.set(made.id, name);
      return made;
    } catch (error) {
      if (error instanceof DelveError) this.#arm(this.armed);
      throw error;
    }
  }

  /** Replaces the terms of a breakpoint; its name is Delve's to forget, unless it is told again. */
  async amendBreakpoint(id: number, terms: BreakpointTerms, signal: AbortSignal): Promise<void> {
    await this.#rpc.call("AmendBreakpoint", { Breakpoint: { id, ...this.#breakpoints.get(id), ...terms } }, signal);
  }

  /** Gives the breakpoint as it was, with its hit counts. */
  async clearBreakpoint(id: number, signal: AbortSignal): Promise<Breakpoint> {
    const reply = await this.#rpc.call("ClearBreakpoint", { Id: id }, signal);
    this.#breakpoints.delete(id);
    this.#arm(this.#breakpoints.size > 0);
    return oneBreakpoint.parse(reply).Breakpoint;
  }

  /** Addresses of the instructions with which a function returns; none for one that never does. */
  async functionReturns(name: string, signal: AbortSignal): Promise<readonly string[]> {
    const reply = await this.#rpc.call("FunctionReturnLocations", { FnName: name }, signal);
    const { Addrs } = addresses.parse(reply);
    return (Addrs ?? []).map(String);
  }

  /** Bytes of the program's memory. @param at decimal digits */
  async memory(at: string, length: number, signal: AbortSignal): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let from = 0; from < length; from += longestMemory) {
      // As a number of JSON it would lose digits, were it written by way of a JavaScript number beyond 2^53; user space ends at 2^47.
      const range = { Address: Number(at) + from, Length: Math.min(longestMemory, length - from) };
      const reply = await this.#rpc.call("ExamineMemory", range, signal);
      parts.push(Buffer.from(memory.parse(reply).Mem, "base64"));
    }
    return Buffer.concat(parts);
  }

  /** The general registers of a thread that stands: `RAX`, in capitals. */
  async registers(threadId: number, signal: AbortSignal): Promise<ReadonlyMap<string, bigint>> {
    const reply = await this.#rpc.call("ListRegisters", { ThreadID: threadId, IncludeFp: false }, signal);
    const { Regs } = registers.parse(reply);
    const whole = (Regs ?? []).filter(({ Value }) => /^0x[0-9a-f]{1,16}$/i.test(Value));
    return new Map(whole.map(({ Name, Value }) => [Name.toUpperCase(), BigInt(Value)]));
  }

  async eval(scope: EvalScope, expression: string, load: LoadConfig, signal: AbortSignal): Promise<Variable> {
    const reply = await this.#rpc.call("Eval", { Scope: scope, Expr: expression, Cfg: load }, signal);
    return oneVariable.parse(reply).Variable;
  }

  async listArguments(scope: EvalScope, load: LoadConfig, signal: AbortSignal): Promise<readonly Variable[]> {
    const reply = await this.#rpc.call("ListFunctionArgs", { Scope: scope, Cfg: load }, signal);
    return listedArguments.parse(reply).Args ?? [];
  }

  async listLocals(scope: EvalScope, load: LoadConfig, signal: AbortSignal): Promise<readonly Variable[]> {
    const reply = await this.#rpc.call("ListLocalVars", { Scope: scope, Cfg: load }, signal);
    return listedVariables.parse(reply).Variables ?? [];
  }

  /** At most `depth` frames below the innermost one; goroutine -1 is the current thread. */
  async stacktrace(goroutineId: number, depth: number, signal: AbortSignal): Promise<readonly Location[]> {
    const reply = await this.#rpc.call(
      "Stacktrace",
      { Id: goroutineId, Depth: depth, Full: false, Opts: 0, Cfg: null },
      signal,
    );
    return stack.parse(reply).Locations ?? [];
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
    const reply = goroutinePage.parse(await this.#rpc.call("ListGoroutines", request, signal));
    return {
      goroutines: reply.Goroutines ?? [],
      groups: reply.Groups ?? [],
      next: reply.Nextg > 0 ? reply.Nextg : null,
    };
  }

  /** Names of the functions that match a regular expression. */
  async listFunctions(filter: string, signal: AbortSignal): Promise<readonly string[]> {
    const reply = await this.#rpc.call("ListFunctions", { Filter: filter }, signal);
    return listedFunctions.parse(reply).Funcs ?? [];
  }

  /** Paths of the source files that match a regular expression. */
  async listSources(filter: string, signal: AbortSignal): Promise<readonly string[]> {
    const reply = await this.#rpc.call("ListSources", { Filter: filter }, signal);
    return listedSources.parse(reply).Sources ?? [];
  }

  /** Ends the connection; with a client of one connection Delve then ends the program it started, or lets go of the one it attached to. */
  close(): void {
    this.#rpc.close();
  }

  #state(reply: unknown): DebuggerState {
    return stopped.parse(reply).State;
  }
}
