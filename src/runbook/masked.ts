import type { Condition, Scope } from "../model/scope.js";
import { Absent, CutText, type Value } from "../model/value.js";

/**
 * A condition that reads secrets, unknown where something else that it reads was masked: a text that had the secret has
 * `[masked:name]` in its place, so that looking for the secret would not find it.
 */
export function unknownIfMasked(condition: Condition, secrets: ReadonlySet<string>): Condition {
  const secret = condition.reads.find((path) => secrets.has(rootOf(path)));
  const others = condition.reads.filter((path) => !secrets.has(rootOf(path)));
  if (secret === undefined || others.length === 0) return condition;
  return {
    ...condition,
    evaluate(scope) {
      const found = condition.evaluate(scope);
      const masked = found.kind === "value" ? others.find((path) => hasMask(valueAt(scope, path))) : undefined;
      if (masked === undefined) return found;
      const because = `a secret in ${masked} was masked, so that ${secret} cannot be looked for in it`;
      return { kind: "unknown", because, value: new Absent(because), seen: found.seen };
    },
  };
}

const keysOf = (path: string): readonly string[] => path.split(/[.[\]]+/).filter((key) => key !== "");

const rootOf = (path: string): string => keysOf(path)[0] ?? "";

/** The value at a path as far as it can be followed, which holds at least what is there. */
function valueAt(scope: Scope, path: string): Value {
  const [root = "", ...keys] = keysOf(path);
  let value: Value = scope.get(root) ?? null;
  for (const key of keys) {
    if (!isComposed(value)) return value;
    const inner: Value | undefined = Object.entries(value).find(([name]) => name === key)?.[1];
    if (inner === undefined) return value;
    value = inner;
  }
  return value;
}

const isComposed = (value: Value): value is Exclude<Value, string | number | boolean | bigint | Date | null> =>
  typeof value === "object" &&
  value !== null &&
  !(value instanceof Date || value instanceof Absent || value instanceof CutText);

function hasMask(value: Value): boolean {
  if (typeof value === "string") return /\[masked:[a-z][a-z0-9_]*\]/.test(value);
  return isComposed(value) && Object.values(value).some(hasMask);
}
