/** How a shell text mentions a name. */
export interface ShellName {
  readonly name: string;
  /** Every mention says what to take when it is unset: `${name-}`, `${name:-x}`, `${name+x}`. `${name:?}` has nothing to take. */
  readonly hasDefault: boolean;
  /** The text sets it itself before or after: `name=…`, `for name in`, `read name`. */
  readonly assigned: boolean;
  /** Of the first mention, in UTF-16 units; `$` included. */
  readonly start: number;
  readonly end: number;
}

/**
 * The names a shell text mentions as `$name` or `${name`, of those that `known` knows. A `$` after a backslash is none;
 * single quotes are not told apart, so that a name inside of them is exported for nothing.
 */
export function shellNames(text: string, known: (name: string) => boolean): readonly ShellName[] {
  const found = new Map<string, ShellName>();
  for (const match of text.matchAll(/(\\*)\$(?:\{[#!]?([a-z][a-z0-9_]*)(?=([\s\S]?[\s\S]?))|([a-z][a-z0-9_]*))/g)) {
    const [all, backslashes = "", braced, after = "", plain] = match;
    const name = braced ?? plain ?? "";
    // A name goes on with letters of either case in a shell, but not here: $portName is another variable.
    const next = braced === undefined ? (text[match.index + all.length] ?? "") : after;
    if (backslashes.length % 2 === 1 || /^[A-Za-z0-9_]/.test(next) || !known(name)) continue;
    const hasDefault = braced !== undefined && /^:?[-+=]/.test(after);
    const earlier = found.get(name);
    const start = match.index + backslashes.length;
    found.set(
      name,
      earlier === undefined
        ? { name, hasDefault, assigned: assigns(text, name), start, end: match.index + all.length }
        : { ...earlier, hasDefault: earlier.hasDefault && hasDefault },
    );
  }
  return [...found.values()];
}

/**
 * Names in `$((…))` without their `$`. A shell takes them for variables there too, and one that nobody has set for 0. Names that
 * the text sets itself, or mentions elsewhere, are variables.
 */
export function bareInArithmetic(
  text: string,
  known: (name: string) => boolean,
): readonly { readonly name: string; readonly start: number; readonly end: number }[] {
  return [...text.matchAll(/(?<!\\)\$\(\(((?:[^()]|\([^()]*\))*)\)\)/g)].flatMap((expression) =>
    [...(expression[1] ?? "").matchAll(/(?<![\w$'"{])[a-z][a-z0-9_]*(?![\w])/g)].flatMap(({ 0: name, index }) => {
      if (!known(name) || assigns(text, name) || new RegExp(`\\$\\{?${name}\\b`).test(text)) return [];
      const start = expression.index + "$((".length + index;
      return [{ name, start, end: start + name.length }];
    }),
  );
}

/** What there is in every text that gives a variable a value. Most have none of it, and need no expression of their own. */
const mayAssign = /=|\bfor\s|\bread\s/;

/** Where a command begins, behind other assignments too: anywhere else `name=…` is a word that is given to a command. */
const commandStart =
  String.raw`(?:^|[\n;&|({]|(?<![\w-])(?:if|then|else|elif|while|until|do|!)\s)\s*` +
  String.raw`(?:[A-Za-z_]\w*\+?=(?:"[^"]*"|'[^']*'|[^\s;&|"'])*\s+)*`;

/** Builtins whose arguments are assignments. */
const declaring = String.raw`(?:(?:local|export|readonly|declare|typeset)\s+(?:[^;&|\n]*\s)?)?`;

/** Whether the text gives the variable a value itself. */
const assigns = (text: string, name: string): boolean =>
  mayAssign.test(text) &&
  new RegExp(
    `${commandStart}${declaring}${name}\\+?=|\\bfor\\s+${name}\\b|\\bread\\s(?:[^;&|\\n]*\\s)?${name}\\b`,
  ).test(text);
