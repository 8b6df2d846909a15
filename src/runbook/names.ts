import type { Diagnostic, Place } from "../model/diagnostic.js";
import { didYouMean } from "../util/near-miss.js";
import { dyn, type Type } from "./type.js";

/** The names that a text or condition may use where it stands, and those it may not use yet. */
export interface NameTable {
  readonly types: ReadonlyMap<string, Type>;
  /** Names that exist elsewhere: a clause that ends `"port" cannot be used here: …`. */
  readonly later: ReadonlyMap<string, string>;
  /** Ids of the steps that have begun, or are done. */
  readonly steps: ReadonlySet<string>;
  /** Of these the instruments that are open, with their kind; null: it may be any. */
  readonly open: ReadonlyMap<string, string | null>;
}

export const namePattern = /^[a-z][a-z0-9_]*$/;

const reservations: ReadonlyMap<string, string> = new Map(
  (
    [
      ["the result of a step", "result"],
      ["the element of a for_each", "item"],
      ["log_level", "level"],
      ["programs that reach the network through a proxy", "http_proxy https_proxy all_proxy ftp_proxy no_proxy"],
      ["templates", "log lookup if each with unless else this"],
      [
        "conditions",
        "true false null in as break const continue for function import let loop package namespace return var void while " +
          "bool int uint double string bytes list map type dyn null_type timestamp duration google",
      ],
    ] as const
  ).flatMap(([why, names]) => names.split(" ").map((name) => [name, why] as const)),
);

/** What a name is reserved for; null: it is free. */
export const reservation = (name: string): string | null => reservations.get(name) ?? null;

/** What is wrong with a name as such, whatever else there is: malformed or reserved. */
export function checkName(name: string, place: Place): Diagnostic | null {
  if (!namePattern.test(name)) {
    const mended = name
      .toLowerCase()
      .replace(/[^a-z0-9_]+/g, "_")
      .replace(/^[^a-z]+/, "");
    const message = `expected a name of lower-case letters, digits and _ that begins with a letter, found ${JSON.stringify(name)}`;
    return { severity: "error", code: "bad-name", message, place, ...(mended && { hint: `for example "${mended}"` }) };
  }
  const why = reservation(name);
  if (why === null) return null;
  return {
    severity: "error",
    code: "reserved-name",
    message: `"${name}" is reserved for ${why}`,
    place,
    hint: "choose another name",
  };
}

/**
 * The one flat namespace of a runbook while it is walked from top to bottom: inputs, step ids and saved values, each defined
 * once. `types` and `later` are true for the point that the walk has reached.
 */
export class Namespace implements NameTable {
  readonly types = new Types();
  readonly later = new Map<string, string>();
  readonly steps = new Set<string>();
  readonly open = new Map<string, string | null>();
  readonly #defined = new Map<string, { readonly what: string; readonly place: Place }>();
  readonly #refused = new Set<string>();

  /** Takes a name that exists from some point on; false, with diagnostics, when it cannot be taken. */
  declare(name: string, what: string, place: Place, why: string | null, diagnostics: Diagnostic[]): boolean {
    const bad = checkName(name, place);
    if (bad !== null) {
      diagnostics.push(bad);
      return this.#refuse(name);
    }
    const earlier = this.#defined.get(name);
    if (earlier !== undefined) {
      const message = `"${name}" is defined twice: here as ${what}, on line ${earlier.place.start.line} as ${earlier.what}`;
      diagnostics.push({
        severity: "error",
        code: "duplicate-name",
        message,
        place,
        hint: "give one of them another name",
      });
      return this.#refuse(name);
    }
    this.#defined.set(name, { what, place });
    if (why !== null) this.later.set(name, why);
    return true;
  }

  /** What uses a refused name is no further mistake, whatever it takes the name for. */
  #refuse(name: string): false {
    this.#refused.add(name);
    this.steps.add(name);
    this.open.set(name, null);
    this.later.delete(name);
    this.types.set(name, dyn);
    return false;
  }

  isDefined(name: string): boolean {
    return this.#defined.has(name);
  }

  /** From here on the name has a value. */
  define(name: string, type: Type): void {
    this.later.delete(name);
    this.types.set(name, this.#refused.has(name) ? dyn : type);
  }

  /** From here on the name must not be used, for this reason. */
  withhold(name: string, why: string): void {
    if (this.#refused.has(name)) return;
    this.types.delete(name);
    this.later.set(name, why);
  }

  /** Runs `inner` with further names that exist in it alone. */
  with<T>(local: readonly (readonly [string, Type])[], inner: () => T): T {
    if (local.length === 0) return inner();
    const outer = this.types.local;
    this.types.local = outer.length === 0 ? local : [...local, ...outer];
    try {
      return inner();
    } finally {
      this.types.local = outer;
    }
  }
}

/** Names with a few local ones before them. Those come and go with every step, for which a large map is slow. */
class Types extends Map<string, Type> {
  local: readonly (readonly [string, Type])[] = [];

  override get(name: string): Type | undefined {
    return this.local.find(([own]) => own === name)?.[1] ?? super.get(name);
  }

  override has(name: string): boolean {
    return this.local.some(([own]) => own === name) || super.has(name);
  }

  override *keys(): MapIterator<string> {
    for (const [name] of this.local) yield name;
    yield* super.keys();
  }
}

/** Names that must be one of those declared: hypotheses in `supports` and `refutes`. */
export function unknownName(
  code: string,
  what: string,
  name: string,
  known: readonly string[],
  place: Place,
): Diagnostic {
  const hint =
    didYouMean(name, known) ??
    (known.length === 0 ? `there are no such: declare it under "${what}"` : `known: ${known.join(", ")}`);
  return { severity: "error", code, message: `unknown ${code.replace(/^unknown-/, "")} "${name}"`, place, hint };
}
