import { Absent, CutText } from "../../model/value.js";
import { type Budget, maximumItems, maximumText } from "./budget.js";
import { Failure, isStop, type Stop, Unknown } from "./stop.js";
import {
  type CelValue,
  describe,
  getKey,
  isList,
  isObject,
  itemsOf,
  keysOf,
  lengthOf,
  MadeList,
  TypeName,
} from "./value.js";

export type Outcome = CelValue | Stop;

/** How the operands are written, asked only when a message needs it. */
export interface Names {
  readonly left: () => string;
  readonly right: () => string;
}

/** How deep equality looks: JSON from a host may be nested deeper than the stack is. */
const maximumDepth = 500;

const isNumeric = (value: CelValue): value is bigint | number => typeof value === "bigint" || typeof value === "number";

export const isNull = (value: CelValue): value is null | Absent => value === null || value instanceof Absent;

/** Why a value that has to be looked into cannot be: it is null, or was cut. null: it can. */
export function unreadable(value: CelValue, nameOf: () => string): Unknown | null {
  if (value !== null && !(value instanceof Absent || value instanceof CutText)) return null;
  const name = nameOf();
  if (value === null) return new Unknown(`${name} is null`);
  if (value instanceof Absent) return new Unknown(`${name} is null: ${value.because}`);
  return new Unknown(`${name} was cut: ${value.omittedBytes} bytes were left out`);
}

/**
 * Deep equality. Integers and doubles compare by value. A text against a number is a failure: `"22" == 22` is nearly
 * always a column that was not converted. Plain null equals only null; what is absent equals nothing that is known.
 */
export function equal(left: CelValue, right: CelValue, budget: Budget, names: Names, depth = 0): boolean | Stop {
  budget.spend(1);
  if (depth > maximumDepth) return new Failure(`values nested deeper than ${maximumDepth} levels cannot be compared`);
  if ((left === null && !(right instanceof Absent)) || (right === null && !(left instanceof Absent)))
    return left === right;
  const unknown = unreadable(left, names.left) ?? unreadable(right, names.right);
  if (unknown !== null) return unknown;
  if (isNumeric(left) && isNumeric(right)) return left <= right && left >= right; // a bigint and a number
  if ((isNumeric(left) && typeof right === "string") || (typeof left === "string" && isNumeric(right))) {
    return new Failure(
      `${describe(left)} cannot be compared with ${describe(right)}: convert the text with int() or double()`,
    );
  }
  if (typeof left === "string" && typeof right === "string") {
    budget.spend(Math.min(left.length, right.length) >> 6);
    return left === right;
  }
  if (left instanceof Date && right instanceof Date) return left.getTime() === right.getTime();
  if (left instanceof TypeName && right instanceof TypeName) return left.name === right.name;
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right) === 0;
  if (isList(left) && isList(right)) {
    if (lengthOf(left) !== lengthOf(right)) return false;
    const others = itemsOf(right);
    const pairs = itemsOf(left).map((item, index) => [item, others[index] ?? null] as const);
    return allEqual(pairs, budget, names, depth);
  }
  if (isObject(left) && isObject(right)) {
    const keys = keysOf(left);
    if (keys.length !== keysOf(right).length) return false;
    const pairs: [CelValue, CelValue][] = [];
    for (const key of keys) {
      const other = getKey(right, key);
      if (other === undefined) return false;
      pairs.push([getKey(left, key) ?? null, other]);
    }
    return allEqual(pairs, budget, names, depth);
  }
  return left === right;
}

/** One pair that differs decides, whatever is unknown about the others. */
function allEqual(
  pairs: readonly (readonly [CelValue, CelValue])[],
  budget: Budget,
  names: Names,
  depth: number,
): boolean | Stop {
  let stop: Stop | null = null;
  for (const [left, right] of pairs) {
    // Inside of values a null is data, so a null in one equals a null in the other, absent or not.
    const same = isNull(left) && isNull(right) ? true : equal(left, right, budget, names, depth + 1);
    if (same === false) return false;
    if (isStop(same)) stop ??= same;
  }
  return stop ?? true;
}

/** `in`: an element that is equal decides, whatever the others are. */
export function contains(left: CelValue, right: CelValue, budget: Budget, names: Names): boolean | Stop {
  const unknown = unreadable(right, names.right);
  if (unknown !== null) return unknown;
  if (isObject(right)) {
    const key = unreadable(left, names.left);
    if (key !== null) return key;
    if (typeof left === "string") return getKey(right, left) !== undefined;
    return new Failure(`a key is a text, ${describe(left)} is none`);
  }
  if (isList(right)) {
    if (lengthOf(right) > maximumItems)
      return new Failure(
        `${names.right()} has ${lengthOf(right)} elements, more than the ${maximumItems} that a condition goes through`,
      );
    let stop: Stop | null = null;
    for (const item of itemsOf(right)) {
      const same = equal(left, item, budget, { left: names.left, right: () => `an element of ${names.right()}` });
      if (same === true) return true;
      if (isStop(same)) stop ??= same;
    }
    return stop ?? false;
  }
  const hint = typeof right === "string" ? ": use .contains()" : "";
  return new Failure(`in needs a list or an object on its right, found ${describe(right)}${hint}`);
}

type Ordering = "<" | "<=" | ">" | ">=";

export function order(op: Ordering, left: CelValue, right: CelValue): boolean | Failure {
  const [a, b] = [comparable(left), comparable(right)];
  const ordered =
    (isNumeric(left) && isNumeric(right)) ||
    (a !== null && b !== null && typeof left === typeof right && isDate(left) === isDate(right));
  if (a === null || b === null || !ordered) {
    return new Failure(
      `${describe(left)} and ${describe(right)} have no order: ${op} needs two numbers, two texts or two times`,
    );
  }
  switch (op) {
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    case ">=":
      return a >= b;
  }
}

const isDate = (value: CelValue): boolean => value instanceof Date;

function comparable(value: CelValue): bigint | number | string | null {
  if (value instanceof Date) return value.getTime();
  if (typeof value === "boolean") return Number(value);
  return isNumeric(value) || typeof value === "string" ? value : null;
}

type Arithmetic = "+" | "-" | "*" | "/" | "%";

/** Integers stay integers, a double makes a double; times take and give integer milliseconds. */
export function calculate(op: Arithmetic, left: CelValue, right: CelValue, budget: Budget): CelValue | Failure {
  if (isNumeric(left) && isNumeric(right)) {
    return typeof left === "bigint" && typeof right === "bigint"
      ? integers(op, left, right)
      : doubles(op, Number(left), Number(right));
  }
  if (left instanceof Date || right instanceof Date) {
    const result = times(op, left, right);
    if (result !== null) return result;
  }
  if (op === "+" && typeof left === "string" && typeof right === "string") {
    if (left.length + right.length > maximumText)
      return new Failure(`the text would be longer than ${maximumText} characters`);
    budget.spend((left.length + right.length) >> 6);
    return left + right;
  }
  if (op === "+" && isList(left) && isList(right)) {
    const length = lengthOf(left) + lengthOf(right);
    if (length > maximumItems) return new Failure(`the list would be longer than ${maximumItems} elements`);
    budget.spend(length);
    return new MadeList([...itemsOf(left), ...itemsOf(right)]);
  }
  if (left instanceof Uint8Array && right instanceof Uint8Array && op === "+") return Buffer.concat([left, right]);
  const hint =
    op === "+" && (typeof left === "string" || typeof right === "string") ? ": write string(…) around the other" : "";
  return new Failure(`${op} cannot take ${describe(left)} and ${describe(right)}${hint}`);
}

function integers(op: Arithmetic, left: bigint, right: bigint): bigint | Failure {
  if (right === 0n && (op === "/" || op === "%")) return new Failure(`${left} ${op} 0: division by zero`);
  const result = exact(op, left, right);
  return BigInt.asIntN(64, result) === result
    ? result
    : new Failure(`${left} ${op} ${right} does not fit into 64 bits`);
}

function exact(op: Arithmetic, left: bigint, right: bigint): bigint {
  switch (op) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "%":
      return left % right;
  }
}

function doubles(op: Arithmetic, left: number, right: number): number | Failure {
  switch (op) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "%":
      return new Failure(`% needs two integers, found ${left} and ${right}`);
  }
}

function times(op: Arithmetic, left: CelValue, right: CelValue): CelValue | Failure | null {
  if (left instanceof Date && right instanceof Date)
    return op === "-" ? milliseconds(left.getTime() - right.getTime()) : null;
  if (left instanceof Date && isNumeric(right) && (op === "+" || op === "-")) {
    return time(left.getTime() + (op === "+" ? Number(right) : -Number(right)));
  }
  if (right instanceof Date && isNumeric(left) && op === "+") return time(right.getTime() + Number(left));
  return null;
}

/** Durations are integer milliseconds in conditions; a finer one is a double. */
export const milliseconds = (amount: number): bigint | number => (Number.isInteger(amount) ? BigInt(amount) : amount);

function time(epochMilliseconds: number): Date | Failure {
  const date = new Date(epochMilliseconds);
  return Number.isNaN(date.getTime()) ? new Failure("the time is out of range") : date;
}
