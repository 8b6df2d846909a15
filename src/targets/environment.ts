import { isExportable, isLocale } from "../util/shell-variable.js";
import { quote } from "./quote.js";

type Environment = Readonly<Record<string, string>>;

/** How a command that a shell becomes is given its environment. */
export interface Given {
  /** What the shell itself passes on. */
  readonly exported: Environment;
  /** What comes before the command's own words: `env` gives it what the shell would make something else of. */
  readonly before: readonly string[];
}

export function give(env: Environment): Given {
  const all = Object.entries(env);
  const outside = all.filter((each) => !isPassedOn(each)).map(([name, value]) => `${name}=${value}`);
  return {
    exported: Object.fromEntries(all.filter(isPassedOn)),
    before: outside.length === 0 ? [] : ["env", ...outside],
  };
}

/** As lines of a shell: every value a quoted literal, every name checked. */
export const exportLines = (exported: Environment): readonly string[] =>
  Object.entries(exported).map(([name, value]) => `export ${name}=${quote(value)}`);

const isPassedOn = ([name, value]: readonly [string, string]): boolean =>
  isExportable(name) && (!isLocale(name) || value === "C");
