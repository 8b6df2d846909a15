import { Environment, EvaluationError, type ParseResult } from "@marcbachmann/cel-js";
import { Duration, UnsignedInt } from "@marcbachmann/cel-js/evaluator";
import { lazy } from "../../util/lazy.js";
import { compileRe2, type RE2JS } from "../../util/re2.js";
import { dyn, type Type } from "../type.js";
import { type Budget, maximumItems } from "./budget.js";
import { milliseconds } from "./operators.js";
import { Failure } from "./stop.js";
import { type CelValue, describe, isList, isObject, itemsOf, keysOf, lengthOf, TypeName, typeName } from "./value.js";

/** What a parameter takes; `any` takes everything. */
export type Parameter = "bool" | "int" | "double" | "string" | "time" | "bytes" | "list" | "object" | "any";

export interface Signature {
  /** What stands before the dot; null for a function that is called by its name alone. */
  readonly receiver: Parameter | null;
  readonly parameters: readonly Parameter[];
  readonly result: Type;
}

const library = lazy(() => new Environment({ unlistedVariablesAreDyn: true }));

const parameterOf = (name: string): Parameter | null => {
  if (name.startsWith("list<")) return "list";
  if (name.startsWith("map<")) return "object";
  switch (name) {
    case "bool":
    case "int":
    case "double":
    case "string":
    case "bytes":
      return name;
    case "dyn":
      return "any";
    case "google.protobuf.Timestamp":
      return "time";
    default:
      return null;
  }
};

function resultOf(name: string): Type {
  switch (name) {
    case "bool":
    case "int":
    case "double":
    case "string":
      return { kind: name };
    // Unsigned integers are integers here, and durations are integer milliseconds.
    case "uint":
    case "google.protobuf.Duration":
      return { kind: "int" };
    case "google.protobuf.Timestamp":
      return { kind: "time" };
    case "list<string>":
      return { kind: "list", of: { kind: "string" } };
    default:
      return dyn;
  }
}

const shape = (name: string, receiver: boolean, count: number): string => `${receiver ? "." : ""}${name}/${count}`;

/** What a call may use: its share of the evaluation's budget, and the patterns compiled in it so far. */
export interface Means {
  readonly budget: Budget;
  readonly patterns: Map<string, RE2JS>;
}

type Own = (given: readonly CelValue[], means: Means) => CelValue | Failure | undefined;

const text = (value: CelValue | undefined): string | null => (typeof value === "string" ? value : null);

/** What casebook adds to CEL's functions or does in another way; undefined leaves the call to the library. */
const own: ReadonlyMap<string, { readonly signatures: readonly Signature[]; readonly call: Own }> = new Map([
  own1("dyn", ["any"], dyn, (value) => value),
  own1("type", ["any"], dyn, (value) => new TypeName(typeName(value))),
  own1("string", ["time"], { kind: "string" }, (value) => (value instanceof Date ? value.toISOString() : undefined)),
  own1("int", ["time"], { kind: "int" }, (value) => {
    if (value instanceof Date) return BigInt(Math.floor(value.getTime() / 1000));
    if (typeof value !== "string") return undefined;
    return /^[+-]?\d{1,19}$/.test(value) ? undefined : new Failure(`${describe(value)} is no integer`);
  }),
  own1("double", [], { kind: "double" }, (value) =>
    typeof value === "string" && !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$|^[+-]?inf(inity)?$|^nan$/i.test(value)
      ? new Failure(`${describe(value)} is no number`)
      : undefined,
  ),
  own1("timestamp", ["time"], { kind: "time" }, (value) => (value instanceof Date ? value : undefined)),
  ["size/1", { signatures: [], call: ([value]) => sizeOf(value ?? null) }],
  [".size/0", { signatures: [], call: ([value]) => sizeOf(value ?? null) }],
  [".matches/1", { signatures: [], call: ([value, pattern], means) => matches(text(value), text(pattern), means) }],
  [
    "matches/2",
    {
      signatures: [{ receiver: null, parameters: ["string", "string"], result: { kind: "bool" } }],
      call: ([value, pattern], means) => matches(text(value), text(pattern), means),
    },
  ],
  // Durations are integers, so what CEL asks a duration is asked of its milliseconds.
  ...(["getHours", "getMinutes", "getSeconds", "getMilliseconds"] as const).map(
    (name, index): [string, { readonly signatures: readonly Signature[]; readonly call: Own }] => [
      shape(name, true, 0),
      {
        signatures: [{ receiver: "int", parameters: [], result: { kind: "int" } }],
        call: ([value]) =>
          typeof value === "bigint" ? value / ([3_600_000n, 60_000n, 1000n, 1n][index] ?? 1n) : undefined,
      },
    ],
  ),
]);

function own1(
  name: string,
  takes: readonly Parameter[],
  result: Type,
  call: (value: CelValue) => CelValue | Failure | undefined,
): [string, { readonly signatures: readonly Signature[]; readonly call: Own }] {
  const signatures = takes.map((parameter): Signature => ({ receiver: null, parameters: [parameter], result }));
  return [shape(name, false, 1), { signatures, call: ([value]) => call(value ?? null) }];
}

/** Functions of the library that make no sense here: optionals and what a macro does. */
const without = new Set(["has", "all", "exists", "exists_one", "map", "filter", "bind", "json"]);

/** All functions by name: those of the library, and `own`. */
export const signatures = lazy(collect);

function collect(): ReadonlyMap<string, readonly Signature[]> {
  const all = new Map<string, Signature[]>();
  const add = (name: string, signature: Signature): void => void all.set(name, [...(all.get(name) ?? []), signature]);
  for (const { name, receiverType, params, returnType } of library().getDefinitions().functions) {
    const receiver = receiverType === null ? null : parameterOf(receiverType);
    const parameters = params.map(({ type }) => parameterOf(type));
    if (without.has(name) || (receiverType !== null && receiver === null)) continue;
    if (parameters.some((parameter) => parameter === null)) continue;
    add(name, {
      receiver,
      parameters: parameters.filter((parameter) => parameter !== null),
      result: resultOf(returnType),
    });
  }
  for (const [key, { signatures: added }] of own) {
    const name = key.replace(/^\./, "").replace(/\/\d+$/, "");
    for (const signature of added) add(name, signature);
  }
  return all;
}

/** A call of each shape, compiled once. */
const compiled = lazy((): ReadonlyMap<string, ParseResult> => {
  const calls = [...signatures()].flatMap(([name, all]) =>
    all.map(({ receiver, parameters }) => {
      const given = parameters.map((_, index) => `a${index}`).join(", ");
      return [
        shape(name, receiver !== null, parameters.length),
        library().parse(receiver === null ? `${name}(${given})` : `r.${name}(${given})`),
      ] as const;
    }),
  );
  return new Map(calls);
});

/** Calls a function with values that are neither null nor cut. `receiver` undefined: it was called by its name alone. */
export function callFunction(
  name: string,
  receiver: CelValue | undefined,
  given: readonly CelValue[],
  means: Means,
): CelValue | Failure {
  const all = receiver === undefined ? given : [receiver, ...given];
  for (const value of all) means.budget.spend(costOf(value));
  const key = shape(name, receiver !== undefined, given.length);
  const result = own.get(key)?.call(all, means);
  if (result !== undefined) return result;
  const call = compiled().get(key);
  if (call === undefined) return new Failure(`there is no function ${name} with ${given.length} arguments`);
  try {
    const context = Object.fromEntries(given.map((value, index) => [`a${index}`, forLibrary(value)]));
    return fromLibrary(call(receiver === undefined ? context : { ...context, r: forLibrary(receiver) }), name);
  } catch (error) {
    if (!(error instanceof EvaluationError || error instanceof RangeError)) throw error;
    const values = given.map(describe).join(" and ");
    const subject = receiver === undefined ? `${name}()` : `.${name}() of ${describe(receiver)}`;
    if (error instanceof EvaluationError && error.code !== "no_matching_overload") {
      return new Failure(`${subject}: ${error.summary}`);
    }
    return new Failure(`${subject} cannot take ${values === "" ? "that" : values}`);
  }
}

const costOf = (value: CelValue): number =>
  typeof value === "string" ? 1 + (value.length >> 5) : isList(value) ? lengthOf(value) : 1;

/** Lists go in as arrays; nothing that the library keeps or changes. */
const forLibrary = (value: CelValue): unknown => (isList(value) ? itemsOf(value).map(forLibrary) : value);

function fromLibrary(value: unknown, name: string): CelValue | Failure {
  if (value instanceof UnsignedInt) return value.value;
  if (value instanceof Duration) return milliseconds(value.valueOf());
  if (Array.isArray(value) && value.length > maximumItems) {
    return new Failure(`${name}() would make a list longer than ${maximumItems} elements`);
  }
  return value as CelValue; // the signatures that `collect` lets through yield nothing else
}

function sizeOf(value: CelValue): bigint | Failure | undefined {
  if (isList(value)) return BigInt(lengthOf(value));
  if (isObject(value)) return BigInt(keysOf(value).length);
  return undefined;
}

function matches(subject: string | null, pattern: string | null, means: Means): boolean | Failure | undefined {
  if (subject === null || pattern === null) return undefined;
  let regex = means.patterns.get(pattern);
  if (regex === undefined) {
    means.budget.spend(pattern.length * 100);
    const compiledPattern = compileRe2(pattern);
    if (!compiledPattern.ok)
      return new Failure(`${JSON.stringify(pattern)} is no RE2 pattern: ${compiledPattern.message}`);
    regex = compiledPattern.re2;
    means.patterns.set(pattern, regex);
  }
  means.budget.spend(subject.length);
  return regex.test(subject);
}
