import { isJsonObject, type Json } from "../../model/json.js";

/** How many frames `stack` without a number shows. */
const defaultDepth = 50;

/** What a command without an argument stands for. */
const withoutArgument: Readonly<Record<string, Json>> = {
  goroutines: {},
  source: {},
  clear: {},
  stack: defaultDepth,
};

/**
 * Brings every way to write the commands into one form: a list of maps with one key each. A word is a command without an argument; the
 * keys of a longer map are commands in turn; a lone command needs no list.
 */
export function normalise(written: Json): Json {
  const list = Array.isArray(written) ? written : [written];
  return list.flatMap((item: Json): Json[] => {
    if (typeof item === "string") return [{ [item]: withoutArgument[item] ?? true }];
    if (!isJsonObject(item) || Object.keys(item).length === 0) return [item];
    return Object.entries(item).map(([name, argument]) => ({ [name]: normaliseArgument(name, argument) }));
  });
}

function normaliseArgument(name: string, argument: Json): Json {
  if (argument === true) return withoutArgument[name] ?? true;
  switch (name) {
    case "break":
    case "clear":
    case "source":
      return isText(argument) ? { at: String(argument) } : argument;
    case "print":
      return isText(argument) ? [String(argument)] : argument;
    case "goroutines": {
      if (isText(argument)) return { at: String(argument) };
      if (!isJsonObject(argument) || !isText(argument.print)) return argument;
      return { ...argument, print: [String(argument.print)] };
    }
    default:
      return argument;
  }
}

const isText = (value: Json | undefined): value is string | number =>
  typeof value === "string" || typeof value === "number";
