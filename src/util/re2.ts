import { RE2JS, RE2JSException } from "re2js";

export type { RE2JS } from "re2js";

/** How a pattern is taken: `multiline` lets `^` and `$` stand at lines. */
export interface Re2Options {
  readonly multiline?: boolean;
}

/** An RE2 pattern ready to match in time linear in its input, or why it is none: `missing closing )`. */
export type CompiledRe2 = { readonly ok: true; readonly re2: RE2JS } | { readonly ok: false; readonly message: string };

/** Compiles a pattern in RE2's syntax (https://github.com/google/re2/wiki/Syntax): no backreferences, no lookaround. */
export function compileRe2(pattern: string, options: Re2Options = {}): CompiledRe2 {
  try {
    return { ok: true, re2: RE2JS.compile(pattern, options.multiline === true ? RE2JS.MULTILINE : 0) };
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    // The library writes the flags into the pattern that it shows.
    return { ok: false, message: error.message.replace(/^error parsing regexp: /, "").replace("`(?m)", "`") };
  }
}
