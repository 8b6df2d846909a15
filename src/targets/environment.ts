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
  const outside = all.filter((each) => !isExportable(each)).map(([name, value]) => `${name}=${value}`);
  return {
    exported: Object.fromEntries(all.filter(isExportable)),
    before: outside.length === 0 ? [] : ["env", ...outside],
  };
}

/** As lines of a shell: every value a quoted literal, every name checked. */
export const exportLines = (exported: Environment): readonly string[] =>
  Object.entries(exported).map(([name, value]) => `export ${name}=${quote(value)}`);

const isExportable = ([name, value]: readonly [string, string]): boolean =>
  /^[A-Za-z_]\w*$/.test(name) && !own.test(name) && (!locale.test(name) || value === "C");

/** Names of which a shell keeps the value for itself or computes it. */
const own =
  /^(BASH\w*|DIRSTACK|EPOCH\w+|EUID|FUNCNAME|GROUPS|HISTCMD|IFS|LINENO|OLDPWD|OPTIND|PPID|PWD|S?RANDOM|SECONDS|SHELLOPTS|SHLVL|UID|_)$/;

/** A locale that the host lacks makes bash complain on the command's standard error; C is never lacking. */
const locale = /^(LANG|LC_\w+)$/;
