import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Diagnostic, Result } from "../../model/diagnostic.js";
import type { InputDeclaration } from "../../model/runbook.js";
import { readInputsFile } from "../../runbook/inputs-file.js";
import type { Io } from "../io.js";
import { frames } from "../read-runbook.js";
import { unreadable } from "../unreadable.js";
import { UsageError } from "../usage-error.js";

/** The options by which commands take inputs. */
export interface InputOptions {
  /** `-i`, each `name=value`. */
  readonly i?: readonly string[];
  /** A YAML file. */
  readonly inputs?: string;
  /** What an inventory gives for the host. */
  readonly ofHost?: ReadonlyMap<string, unknown>;
}

/** What was given for inputs, by name. */
export interface GivenInputs {
  /** Texts, lists of texts, or data of a file. */
  readonly values: ReadonlyMap<string, unknown>;
  /** Why a file that was to hold a value could not be read. */
  readonly unread: ReadonlyMap<string, string>;
  /** Where a value comes from, of those that no `-i` gives. */
  readonly origins: ReadonlyMap<string, string>;
}

/**
 * What was given for a runbook's inputs: texts, lists of texts, or data of a file. `-i` wins over the inventory, that over `--inputs`, and that
 * over the environment's `CASEBOOK_INPUT_<NAME>`. Throws `UsageError`.
 */
export async function givenInputs(
  io: Io,
  options: InputOptions,
  declarations: readonly Pick<InputDeclaration, "name">[],
): Promise<GivenInputs> {
  const given = new Map<string, unknown>();
  const origins = new Map<string, string>();
  const give = (name: string, value: unknown, origin: string): void => {
    given.set(name, value);
    origins.set(name, origin);
  };
  for (const { name } of declarations) {
    const variable = `CASEBOOK_INPUT_${name.toUpperCase()}`;
    const value = io.env[variable];
    if (value !== undefined) give(name, value, variable);
  }
  if (options.inputs !== undefined) {
    const text = await readText(io.cwd, options.inputs);
    const read = orUsageError(io, readInputsFile(text, options.inputs), text);
    for (const [name, value] of read) give(name, value, options.inputs);
  }
  for (const [name, value] of options.ofHost ?? []) give(name, value, "the inventory");
  const { found, unread } = await fromOptions(io.cwd, options.i ?? []);
  for (const [name, values] of found) given.set(name, values.length === 1 ? values[0] : values);
  for (const name of [...found.keys(), ...unread.keys()]) origins.delete(name);
  return { values: given, unread, origins };
}

/** The value, or a `UsageError` that shows every mistake in `text`. @param what sums them up; absent: inputs are wrong */
export function orUsageError<T>(io: Io, result: Result<T>, text: string, what?: string): T {
  if (result.ok) return result.value;
  throw new UsageError(what ?? mistakes(result.diagnostics), frames({ text }, result.diagnostics, io.stderr.colour));
}

const mistakes = ({ length }: readonly Diagnostic[]): string =>
  length === 1 ? "an input is not as it should be" : `${length} inputs are not as they should be`;

/** A value that begins with @ names a file that holds it; its last newline does not count. */
async function fromOptions(cwd: string, options: readonly string[]) {
  const found = new Map<string, string[]>();
  const unread = new Map<string, string>();
  for (const option of options) {
    const at = option.indexOf("=");
    if (at < 1) throw new UsageError(`expected -i name=value or -i name=@FILE, found -i ${option}`);
    const name = option.slice(0, at);
    const written = option.slice(at + 1);
    try {
      const value = written.startsWith("@") ? (await readText(cwd, written.slice(1))).replace(/\r?\n$/, "") : written;
      found.set(name, [...(found.get(name) ?? []), value]);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      unread.set(name, error.message);
    }
  }
  return { found, unread };
}

/** A file that a command line names. Throws `UsageError` when it is no text. */
export async function readText(cwd: string, file: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(resolve(cwd, file));
  } catch (error) {
    throw unreadable(file, error);
  }
  const text = bytes.toString("utf8");
  if (!Buffer.from(text).equals(bytes))
    throw new UsageError(`expected a text in UTF-8; ${file} holds bytes that are none`);
  return text;
}
