import type { Diagnostic } from "../../model/diagnostic.js";
import type { Scope } from "../../model/scope.js";
import { Absent, CutText } from "../../model/value.js";
import type { Located } from "../located.js";
import { nameFault } from "../name-fault.js";
import type { NameTable } from "../names.js";
import { bareInArithmetic, type ShellName, shellNames } from "../shell-names.js";
import { textOf } from "../text-of.js";

/** The kernel takes no longer `name=value` with its final zero (MAX_ARG_STRLEN of linux/binfmts.h). */
const longestVariable = 128 * 1024;

/** Whether there is anything in a shell text to check: one of the signs before a name. */
export const mayMention = (text: string): boolean => text.includes("$") || text.includes("{{");

/** Checks a shell text, which is never templated: no mustache around a name, `own` ones included, no name before it can exist. */
export function checkShellText(
  source: Located,
  names: NameTable,
  own: readonly string[] = [],
): { readonly mentions: readonly ShellName[]; readonly diagnostics: readonly Diagnostic[] } {
  const { text } = source;
  const diagnostics: Diagnostic[] = [];
  const defined = (name: string): boolean => names.types.has(name) || names.later.has(name);
  for (const match of text.matchAll(
    /\{\{\{?[~&]?\s*(?:#\s*(?:if|unless|each)\s+)?([a-z][a-z0-9_]*)((?:\.[\w[\]]+)*)\s*~?\}\}/g,
  )) {
    const [mustache, name = "", rest = ""] = match;
    if (!defined(name) && !own.includes(name)) continue;
    const hint = rest === "" ? `write "$${name}"` : `save ${name}${rest} under a name of its own, then write "$name"`;
    const place = source.place(match.index, match.index + mustache.length);
    const message = `expected a shell text without mustaches, found ${mustache}: values reach a shell as environment variables`;
    diagnostics.push({ severity: "error", code: "mustache-in-shell", message, place, hint });
  }
  const mentions = shellNames(text, defined);
  for (const { name, assigned, start, end } of mentions) {
    if (!names.types.has(name) && !assigned) diagnostics.push(nameFault(name, names, source.place(start, end)));
  }
  for (const { name, start, end } of bareInArithmetic(text, (name) => names.types.has(name))) {
    const message = `expected $ before ${name}: only what is mentioned as $${name} is given to a shell`;
    diagnostics.push({
      severity: "error",
      code: "name-without-dollar",
      message,
      place: source.place(start, end),
      hint: `write $${name}`,
    });
  }
  return { mentions: mentions.filter(({ name }) => names.types.has(name)), diagnostics };
}

/** The environment variables of shell texts, or a sentence why one of them cannot be given. */
export function exportNames(
  mentions: readonly ShellName[],
  scope: Scope,
):
  | { readonly ok: true; readonly value: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly message: string } {
  const exported: Record<string, string> = {};
  for (const { name, hasDefault, assigned } of mentions) {
    const value = scope.get(name) ?? null;
    if (value === null || value instanceof Absent) {
      if (hasDefault || assigned) continue;
      const why = value instanceof Absent ? `: ${value.because}` : "";
      return refuse(
        `the shell text mentions $${name}, which is null${why}; write \${${name}-} where it may be missing`,
      );
    }
    if (value instanceof CutText) {
      return refuse(`the shell text mentions $${name}, which was cut: ${value.omittedBytes} bytes were left out`);
    }
    const text = textOf(value);
    const bytes = Buffer.byteLength(text);
    if (bytes + name.length + 2 > longestVariable) {
      return refuse(
        `$${name} has ${bytes} bytes, an environment variable takes 128 KiB: give it to the command's stdin`,
      );
    }
    if (text.includes("\0")) {
      return refuse(`$${name} contains a zero byte, which no environment variable can: give it to the command's stdin`);
    }
    exported[name] = text;
  }
  return { ok: true, value: exported };
}

const refuse = (message: string) => ({ ok: false, message }) as const;
