import { type Command, InvalidArgumentError } from "commander";
import { parseDuration } from "../model/fields.js";
import { type Risk, risks } from "../model/risk.js";
import { didYouMean } from "../util/near-miss.js";

/** Adds the options that give a runbook's inputs. */
export function addInputOptions(command: Command): Command {
  return command
    .option("-i <name=value>", "an input; repeated for a list; name=@FILE takes a file's text", collect)
    .option("--inputs <file>", "a YAML file of inputs");
}

/** Gathers the values of an option that may be repeated. */
export const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  value,
];

/** One of a closed list of words, with a near miss for the error. */
export function oneOf<T extends string>(words: readonly T[]): Worded<T> {
  const parse = (value: string): T => {
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    const near = didYouMean(value, words);
    throw new InvalidArgumentError(`Expected one of ${words.join(", ")}${near === null ? "" : `; ${near}`}.`);
  };
  return Object.assign(parse, { words });
}

/** Parses what is one of these words, or made of them. */
export interface Worded<T> {
  (value: string): T;
  readonly words: readonly string[];
}

/** The words that an option's parser knows; null where it takes others, too. */
export const wordsOf = (parse: unknown): readonly string[] | null =>
  typeof parse === "function" && "words" in parse ? (parse as Worded<unknown>).words : null; // only `oneOf` and `someOf` have them

/** Several of a closed list of words, between commas. */
export function someOf<T extends string>(words: readonly T[]): Worded<readonly T[]> {
  const one = oneOf(words);
  const parse = (value: string): readonly T[] => [...new Set(value.split(",").map((word) => one(word.trim())))];
  return Object.assign(parse, { words });
}

export const riskOption: Worded<Risk> = oneOf(risks);

/** A whole number from 1. */
export function countOption(value: string): number {
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
  throw new InvalidArgumentError("Expected a whole number from 1.");
}

/** Milliseconds of a duration. */
export function durationOption(value: string): number {
  const milliseconds = parseDuration(value);
  // Beyond this a timer of node fires at once.
  if (milliseconds !== null && milliseconds > 0 && milliseconds < 2 ** 31) return milliseconds;
  throw new InvalidArgumentError("Expected a duration such as 30s, 10m or 2h, at most 24d.");
}
