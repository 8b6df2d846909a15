import { RE2JS } from "re2js";
import type { Diagnostic, Result } from "../model/diagnostic.js";
import { parseDuration, parseSize } from "../model/fields.js";
import { isJsonObject, type Json } from "../model/json.js";
import type { InputDeclaration } from "../model/runbook.js";
import type { Value } from "../model/value.js";
import { didYouMean } from "../util/near-miss.js";

/** Secrets below this length would be masked all over a report by chance. */
export const minimumSecretLength = 6;

interface Given {
  readonly unread?: ReadonlyMap<string, string>;
  readonly origins?: ReadonlyMap<string, string>;
}

/**
 * Values for all declared inputs. `given` holds what a command line (text, or a list of texts when repeated), a file or
 * a journal (data) gave; null counts as not given. Everything missing, bad or unknown is reported together; optional inputs
 * without a value are null. No message shows a secret.
 *
 * @param unread why what was given for an input could not be had at all
 * @param origins where values come from, for messages, of those whose place is not plain
 */
export function resolveInputs(
  declarations: readonly InputDeclaration[],
  given: ReadonlyMap<string, unknown>,
  { unread = new Map(), origins = new Map() }: Given = {},
): Result<ReadonlyMap<string, Value>> {
  const diagnostics: Diagnostic[] = [];
  const values = new Map<string, Value>();
  const fromWhere = (name: string): string => (origins.has(name) ? ` from ${origins.get(name)}` : "");
  for (const declaration of declarations) {
    const { name, place } = declaration;
    const raw = given.get(name) ?? null;
    const bad = (why: string): void => {
      const message = `input "${name}"${fromWhere(name)}: ${why}`;
      diagnostics.push({ severity: "error", code: "bad-input", message, place });
    };
    const lost = unread.get(name);
    if (lost !== undefined) bad(lost);
    else if (raw !== null) {
      const parsed = parseInput(declaration, raw);
      if (parsed.ok) values.set(name, likeDefault(declaration, parsed.value));
      else bad(parsed.message);
    } else if (declaration.default !== undefined) values.set(name, declaration.default);
    else if (declaration.optional) values.set(name, null);
    else {
      const about = declaration.about === null ? "" : ` (${declaration.about})`;
      const message = `input "${name}" is missing: expected ${expectedOf(declaration)}${about}`;
      const hint = declaration.secret
        ? `set CASEBOOK_INPUT_${name.toUpperCase()}, or give -i ${name}=@FILE`
        : `give -i ${name}=…`;
      diagnostics.push({ severity: "error", code: "missing-input", message, place, hint });
    }
  }
  const known = declarations.map(({ name }) => name);
  for (const name of new Set([...given.keys(), ...unread.keys()])) {
    if (known.includes(name)) continue;
    const hint =
      didYouMean(name, known) ?? (known.length === 0 ? "the runbook has no inputs" : `inputs: ${known.join(", ")}`);
    diagnostics.push({
      severity: "error",
      code: "unknown-input",
      message: `unknown input "${name}"${fromWhere(name)}`,
      hint,
    });
  }
  return diagnostics.length === 0 ? { ok: true, value: values } : { ok: false, diagnostics };
}

/** A list given as texts, of numbers where its default has numbers: `-i ports=80 -i ports=443`. */
function likeDefault({ type, default: known }: InputDeclaration, value: Value): Value {
  if (type !== "list" || !Array.isArray(value) || !Array.isArray(known) || known.length === 0) return value;
  if (!known.every((item) => typeof item === "number")) return value;
  return value.map((item) => (typeof item === "string" ? (finite(numberIn(item)) ?? item) : item));
}

/** Larger integers lose digits on their way through JSON. */
const limit = Number.MAX_SAFE_INTEGER;

export type ParsedInput =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly message: string };

type Parsing = Pick<InputDeclaration, "type" | "choices" | "pattern" | "secret">;

/** One value by its declaration: its type, `choices`, `pattern`, a secret's length. The message never shows a secret. */
export function parseInput(declaration: Parsing, raw: unknown): ParsedInput {
  const parsed = parseType(declaration, raw);
  if (parsed === null) {
    const found = declaration.secret ? "something else" : show(raw);
    const near = declaration.type === "choice" ? didYouMean(String(raw), declaration.choices) : null;
    const large = declaration.type === "integer" && /^\s*[+-]?\d+\s*$/.test(String(raw));
    return {
      ok: false,
      message: `expected ${expectedOf(declaration)}${large ? ` from -${limit} to ${limit}` : ""}, found ${found}${near === null ? "" : `; ${near}`}`,
    };
  }
  const texts = (Array.isArray(parsed) ? parsed : [typeof raw === "string" ? raw : parsed]).filter(
    (item): item is string => typeof item === "string",
  );
  if (texts.some((text) => text.includes("\0"))) return { ok: false, message: "expected text without NUL characters" };
  if (declaration.secret && String(parsed).length < minimumSecretLength) {
    return { ok: false, message: `expected at least ${minimumSecretLength} characters, as the value of a secret` };
  }
  if (declaration.pattern !== null) {
    const pattern = RE2JS.compile(declaration.pattern);
    const misfit = texts.find((text) => !pattern.matches(text));
    if (misfit !== undefined) {
      const found = declaration.secret ? "" : `, found ${show(misfit)}`;
      return { ok: false, message: `expected text that matches ${declaration.pattern} as a whole${found}` };
    }
  }
  return { ok: true, value: parsed };
}

/** null: it is none. */
function parseType({ type, choices }: Parsing, raw: unknown): Value {
  switch (type) {
    case "string":
      return typeof raw === "string" ? raw : null;
    case "path":
      return typeof raw === "string" && raw !== "" ? raw : null;
    case "choice":
      return typeof raw === "string" && choices.includes(raw) ? raw : null;
    case "boolean":
      if (typeof raw === "boolean") return raw;
      return raw === "true" ? true : raw === "false" ? false : null;
    case "integer":
      return whole(typeof raw === "string" && /^\s*[+-]?\d+\s*$/.test(raw) ? Number(raw) : raw);
    case "number":
      return finite(typeof raw === "string" ? numberIn(raw) : raw);
    case "duration":
      return measure(raw, parseDuration);
    case "size":
      return measure(raw, parseSize);
    case "list":
      return parseList(raw);
    default:
      return type satisfies never;
  }
}

const numberIn = (text: string): number | null =>
  /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/.test(text) ? Number(text) : null;

const whole = (raw: unknown): number | null => (typeof raw === "number" && Number.isSafeInteger(raw) ? raw : null);

const finite = (raw: unknown): number | null => (typeof raw === "number" && Number.isFinite(raw) ? raw : null);

/** A number is milliseconds or bytes already, as a journal has them. */
function measure(raw: unknown, parse: (text: string) => number | null): number | null {
  const amount = whole(typeof raw === "string" ? parse(raw) : raw);
  return amount === null || amount < 0 ? null : amount;
}

/** A list as data, as JSON text, or (not JSON) a text that is its one element. */
function parseList(raw: unknown): Value {
  if (Array.isArray(raw)) return raw.every((item) => isData(item, 1)) ? raw : null;
  if (typeof raw !== "string") return null;
  if (!raw.trimStart().startsWith("[")) return [raw];
  try {
    return parseList(JSON.parse(raw));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** As deep as a runbook itself may be. */
const maximumDepth = 64;

function isData(value: unknown, depth: number): value is Json {
  if (depth > maximumDepth) return false;
  if (Array.isArray(value)) return value.every((item) => isData(item, depth + 1));
  if (isJsonObject(value)) return Object.values(value).every((item) => isData(item, depth + 1));
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

/** What a value of the input has to be, for messages and prompts. */
export function expectedOf({ type, choices }: Pick<InputDeclaration, "type" | "choices">): string {
  switch (type) {
    case "string":
      return "text";
    case "path":
      return "a path";
    case "integer":
      return "an integer";
    case "number":
      return "a number";
    case "boolean":
      return "true or false";
    case "duration":
      return "a duration such as 250ms, 30s or 5m";
    case "size":
      return "a size such as 512B, 64KiB or 2GiB";
    case "list":
      return "a list: JSON, or the option once for each element";
    case "choice":
      return `one of ${choices.join(", ")}`;
    default:
      return type satisfies never;
  }
}

function show(raw: unknown): string {
  const text = JSON.stringify(raw) ?? String(raw);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
