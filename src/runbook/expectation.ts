import type * as z from "zod";

/** What zod has against a value. */
export type Issue = z.core.$ZodIssue;

/** A schema of ours says itself what it expects. */
export const hasOwnMessage = (issue: Issue): boolean => !/^(?:Invalid|Too|Unrecognized)\b/.test(issue.message);

/** What would have been right, in the words of a person: `expected at least 1 item`. */
export function expectation(issue: Issue): string {
  if (hasOwnMessage(issue)) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      return `expected ${typeName(issue.expected)}`;
    case "invalid_value":
      return `expected ${issue.values.map((value) => JSON.stringify(value)).join(" or ")}`;
    case "too_small":
      return `expected ${issue.inclusive === false ? "more than" : "at least"} ${amount(issue.origin, issue.minimum)}`;
    case "too_big":
      return `expected ${issue.inclusive === false ? "less than" : "at most"} ${amount(issue.origin, issue.maximum)}`;
    case "invalid_format":
      return issue.pattern === undefined ? `expected ${issue.format}` : `expected text that matches ${issue.pattern}`;
    case "not_multiple_of":
      return `expected a multiple of ${issue.divisor}`;
    case "invalid_union":
      return `expected ${[...unionTypes(issue.errors)].join(" or ")}`;
    case "invalid_key":
      return issue.issues.map((inner) => expectation(inner)).join("; ");
    case "unrecognized_keys":
    case "invalid_element":
    case "custom":
      return issue.message;
    default:
      issue satisfies never;
      return "expected something else";
  }
}

function* unionTypes(branches: readonly (readonly Issue[])[]): Iterable<string> {
  const names = new Set(
    branches
      .flat()
      .filter((issue) => issue.path.length === 0)
      .map((issue) => expectation(issue).replace(/^expected /, "")),
  );
  yield* names.size === 0 ? ["something else"] : names;
}

function amount(origin: string, count: number | bigint): string {
  const units: { readonly [origin: string]: string } = {
    string: "character",
    array: "item",
    object: "key",
    record: "key",
  };
  const unit = units[origin];
  return unit === undefined ? String(count) : `${count} ${unit}${Number(count) === 1 ? "" : "s"}`;
}

function typeName(expected: string): string {
  const names: { readonly [type: string]: string } = {
    string: "text",
    number: "a number",
    int: "an integer",
    boolean: "true or false",
    array: "a list",
    object: "a map",
    record: "a map",
    null: "nothing",
    never: "nothing",
  };
  return names[expected] ?? expected;
}
