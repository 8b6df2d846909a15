import * as z from "zod";

/*
 * What casebook reads of Delve's JSON-RPC replies, API version 2, after `parseReply`. Written to the replies of Delve 1.20
 * and 1.24: https://github.com/go-delve/delve/blob/master/service/api/types.go. Fields not named here are dropped.
 */

/** An address: a number, or text where a number would lose digits. */
const address = z.union([z.number(), z.string()]).transform(String);

const functionOf = z
  .object({ name: z.string(), optimized: z.boolean().optional() })
  .nullish()
  .transform((found) => found ?? null);

/** A place in the program; the function is null where Delve knows none. */
export const location = z.object({ pc: address, file: z.string(), line: z.int(), function: functionOf });
export type Location = z.infer<typeof location>;

/** A value as a tree. `kind` is Go's reflect.Kind; pointers, interfaces, lists and structs have `children`, maps keys and values in turn. */
export interface Variable {
  readonly name: string;
  readonly type: string;
  readonly kind: number;
  readonly value: string;
  readonly len: number;
  readonly addr: string;
  readonly onlyAddr: boolean;
  readonly unreadable: string;
  /** Delve's VariableFlags: 16 is a result of the function. */
  readonly flags: number;
  /** The type below all names: `[]uint8` of `net.IP`. */
  readonly realType: string;
  readonly children: readonly Variable[];
}

export const variable: z.ZodType<Variable> = z.object({
  name: z.string(),
  type: z.string(),
  kind: z.int(),
  value: z.string(),
  // That of a header which was never one of a list may have all 64 bits.
  len: z.union([z.number(), z.string()]).transform(Number),
  addr: address,
  onlyAddr: z.boolean(),
  unreadable: z.string(),
  flags: z.int().default(0),
  realType: z.string().default(""),
  get children() {
    return z
      .array(variable)
      .nullish()
      .transform((found) => found ?? []);
  },
});

export const breakpoint = z.object({
  id: z.int(),
  name: z.string().default(""),
  addrs: z
    .array(address)
    .nullish()
    .transform((found) => found ?? []),
  file: z.string(),
  line: z.int(),
  functionName: z.string().default(""),
  Cond: z.string().default(""),
  totalHitCount: z.int().default(0),
  hitCount: z.record(z.string(), z.int()).nullish(),
});
export type Breakpoint = z.infer<typeof breakpoint>;

export const goroutine = z.object({
  id: z.int(),
  currentLoc: location,
  userCurrentLoc: location,
  goStatementLoc: location,
  startLoc: location,
  threadID: z.int().default(0),
  unreadable: z.string().default(""),
});
export type Goroutine = z.infer<typeof goroutine>;

/** A frame of a stack. `FrameOffset` is where it lies below the stack's upper end, which stays the same when the stack is moved. */
export const stackFrame = location.extend({ Err: z.string().default(""), FrameOffset: z.int().default(0) });

/** What a breakpoint was told to collect, read before the stop is answered. */
export const breakpointInfo = z.object({
  stacktrace: z
    .array(stackFrame)
    .nullish()
    .transform((found) => found ?? []),
  goroutine: goroutine.nullish().transform((found) => found ?? null),
  variables: z
    .array(variable)
    .nullish()
    .transform((found) => found ?? []),
  arguments: z
    .array(variable)
    .nullish()
    .transform((found) => found ?? null),
});

export const thread = z.object({
  id: z.int(),
  pc: address,
  file: z.string(),
  line: z.int(),
  function: functionOf,
  goroutineID: z.int().default(0),
  breakPoint: breakpoint.nullish().transform((found) => found ?? null),
  breakPointInfo: breakpointInfo.nullish().transform((found) => found ?? null),
  ReturnValues: z
    .array(variable)
    .nullish()
    .transform((found) => found ?? []),
});
export type Thread = z.infer<typeof thread>;

const stateFields = z.object({
  Pid: z.int().default(0),
  Running: z.boolean().default(false),
  currentThread: z.looseObject({ id: z.int() }).nullish(),
  currentGoroutine: goroutine.nullish().transform((found) => found ?? null),
  Threads: z
    .array(thread)
    .nullish()
    .transform((found) => found ?? []),
  NextInProgress: z.boolean().default(false),
  exited: z.boolean().default(false),
  exitStatus: z.int().default(0),
});

/** The current thread stands among the others once more, with all that it collected: it is parsed once. */
export const debuggerState = stateFields.transform(({ currentThread, ...rest }) => ({
  ...rest,
  currentThread:
    rest.Threads.find(({ id }) => id === currentThread?.id) ?? (currentThread ? thread.parse(currentThread) : null),
}));
export type DebuggerState = z.infer<typeof debuggerState>;

export const foundLocation = location.extend({
  pcs: z
    .array(address)
    .nullish()
    .transform((found) => found ?? []),
});
export type FoundLocation = z.infer<typeof foundLocation>;

export const goroutineGroup = z.object({ Name: z.string(), Offset: z.int(), Count: z.int(), Total: z.int() });
export type GoroutineGroup = z.infer<typeof goroutineGroup>;

export const version = z.object({
  DelveVersion: z.string(),
  TargetGoVersion: z.string().default(""),
});

/** How much of a value is read. */
export interface LoadConfig {
  readonly FollowPointers: boolean;
  /** Levels of nested structs, pointers and interfaces. */
  readonly MaxVariableRecurse: number;
  /** Bytes. */
  readonly MaxStringLen: number;
  readonly MaxArrayValues: number;
  /** -1: all. */
  readonly MaxStructFields: number;
}

/** Which goroutine's frame an expression is read in; goroutine -1 is the current one. */
export interface EvalScope {
  readonly GoroutineID: number;
  readonly Frame: number;
}

/** A filter of `ListGoroutines`; kinds are Delve's GoroutineField. */
export interface GoroutineFilter {
  readonly Kind: number;
  readonly Negated: boolean;
  readonly Arg: string;
}

export interface GoroutineGrouping {
  /** Delve's GoroutineField. */
  readonly GroupBy: number;
  readonly GroupByKey: string;
  readonly MaxGroupMembers: number;
  readonly MaxGroups: number;
}
