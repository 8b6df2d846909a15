import type { LoadConfig, Variable } from "../../delve/rpc/protocol.js";
import type { DelveSession } from "../../delve/session/session.js";
import { integerRegisters } from "../../delve/values/abi.js";
import { type Descriptor, descriptorIn, descriptorLoad, mayHoldSocket } from "../../delve/values/descriptor.js";
import { knownDescriptor } from "../../delve/values/known-sockets.js";
import { fromRegisters, type RegisterFile } from "../../delve/values/register-values.js";
import { RuntimeTypes } from "../../delve/values/runtime-types.js";
import { Shapes } from "../../delve/values/shape.js";
import { type NamedTree, printed, toTree, type ValueTree } from "../../delve/values/value-tree.js";

/** Delve's flags: a function's result, and a name that another one hides. */
const flag = { result: 16, hidden: 2 } as const;

const namesOnly: LoadConfig = { ...printed, FollowPointers: false, MaxVariableRecurse: 0, MaxStringLen: 0 };

/** What a breakpoint at a return must collect for `readResults`. */
export const registersToCollect: readonly string[] = integerRegisters;

/** A call that stands at its return. */
export interface Returning {
  readonly function: string;
  readonly goroutine: number;
  readonly optimized: boolean;
  /** What the breakpoint collected. */
  readonly variables: readonly Variable[];
}

export interface Returned {
  readonly results: readonly NamedTree[];
  /** The descriptor of the socket among them, or why there is none. */
  readonly descriptor: Descriptor | string;
}

/** Reads what functions return: by the registers of optimized code, else by value. */
export class ResultReader {
  readonly #session: DelveSession;
  readonly #types: RuntimeTypes;
  readonly #shapes: Shapes;
  readonly #declared = new Map<string, readonly Variable[]>();

  constructor(session: DelveSession) {
    this.#session = session;
    this.#types = new RuntimeTypes(session.client);
    this.#shapes = new Shapes(session.client);
  }

  /** Whether the function that a goroutine stands in gives a socket, as far as its declaration tells. */
  async givesSocket(name: string, goroutine: number, signal: AbortSignal): Promise<boolean> {
    return (await this.#declaredOf(name, goroutine, signal)).some(({ type }) => mayHoldSocket(type));
  }

  async read(call: Returning, signal: AbortSignal): Promise<Returned> {
    const declared = await this.#declaredOf(call.function, call.goroutine, signal);
    const trees = await this.#trees(call, declared, printed, signal);
    const results = declared.map((result, index) => ({
      name: nameOf(result, index),
      value: trees[index] ?? { kind: "unreadable" as const, type: result.type, why: "Delve did not give it" },
    }));
    return { results, descriptor: await this.#descriptor(call, declared, trees, signal) };
  }

  /** Of a program without debug information: what functions of package net give, which all have two results. */
  async readBare(name: string, registers: ReadonlyMap<string, bigint>, signal: AbortSignal): Promise<Returned> {
    const why = `the program is stripped: what ${name} returns is not described`;
    return {
      results: ["r0", "r1"].map((result) => ({ name: result, value: { kind: "unreadable", type: "", why } })),
      descriptor: await knownDescriptor(name, registers, this.#session.client, signal),
    };
  }

  async #descriptor(
    call: Returning,
    declared: readonly Variable[],
    trees: readonly ValueTree[],
    signal: AbortSignal,
  ): Promise<Descriptor | string> {
    const candidates = trees.flatMap((tree, index) =>
      typesOf(tree, declared[index]).some(mayHoldSocket) ? [{ tree, index }] : [],
    );
    if (candidates.length === 0) return `${call.function} returns no socket`;
    const present = candidates.filter(({ tree }) => tree.kind !== "nil");
    if (present.length === 0) return "the call gave no socket: it returned nil";
    const deep = await this.#trees(call, declared, descriptorLoad, signal);
    const found = present.map(({ tree, index }) => descriptorIn(deep[index] ?? tree));
    const descriptors = new Map(
      found.flatMap((each) => (each === null || typeof each === "string" ? [] : [[each.fd, each] as const])),
    );
    const [only] = descriptors.values();
    if (descriptors.size === 1 && only !== undefined) return only;
    if (descriptors.size > 1)
      return `it returned ${descriptors.size} descriptors: ${[...descriptors.keys()].join(", ")}`;
    const unreadable = present.map(({ tree }) => tree).find((tree) => tree.kind === "unreadable");
    return (
      found.find((each) => typeof each === "string") ?? unreadable?.why ?? "no descriptor was found in what it returned"
    );
  }

  async #trees(
    call: Returning,
    declared: readonly Variable[],
    load: LoadConfig,
    signal: AbortSignal,
  ): Promise<readonly ValueTree[]> {
    const { client } = this.#session;
    if (!call.optimized) {
      const all = await client.listArguments({ GoroutineID: call.goroutine, Frame: 0 }, load, signal);
      return all.filter(isResult).map((each) => toTree(each, load));
    }
    const reading = { client, types: this.#types, shapes: this.#shapes, goroutine: call.goroutine, load, signal };
    return await fromRegisters(declared, registersOf(call.variables), reading);
  }

  async #declaredOf(name: string, goroutine: number, signal: AbortSignal): Promise<readonly Variable[]> {
    const known = this.#declared.get(name);
    if (known !== undefined) return known;
    const scope = { GoroutineID: goroutine, Frame: 0 };
    const found = (await this.#session.client.listArguments(scope, namesOnly, signal)).filter(isResult);
    this.#declared.set(name, found);
    return found;
  }
}

/** Of a result that it keeps in parts the compiler describes two, of which the first is hidden; `_` may hide another of its name. */
const isResult = ({ name, flags }: Variable): boolean =>
  (flags & flag.result) !== 0 && ((flags & flag.hidden) === 0 || name === "_");

/** Results without a name are `~r0` in Delve, which could not be written in a condition; `_` may stand for several. */
const nameOf = ({ name }: Variable, index: number): string =>
  name.startsWith("~") ? name.slice(1) : name === "_" || name === "" ? `r${index}` : name;

function registersOf(variables: readonly Variable[]): RegisterFile {
  return new Map(
    variables
      .filter(({ unreadable, value }) => unreadable === "" && /^\d+$/.test(value))
      .map(({ name, value }) => [name, BigInt(value)]),
  );
}

/** The declared type, and the one in an interface. */
const typesOf = (tree: ValueTree, declared: Variable | undefined): readonly string[] => [
  ...(declared === undefined ? [] : [declared.type]),
  ...(tree.kind === "interface" ? [tree.holds.type] : []),
];
