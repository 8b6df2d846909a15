import type { Event } from "../../model/event.js";
import { isJsonObject, type Json } from "../../model/json.js";
import type { ChangeAnnounced } from "../../model/step-event.js";
import type { Io } from "../io.js";
import { UsageError } from "../usage-error.js";
import { askForInputs } from "./ask.js";
import { givenInputs, type InputOptions } from "./given-inputs.js";

/** How a journal names a secret where it stood. */
const masked = (name: string): string => `[masked:${name}]`;

/**
 * The secrets of a case, which its journal names and does not hold: from the options, the environment and, on a terminal, the
 * person, who is asked only for what these changes need. Without one, what needs it cannot be put back. Throws `UsageError`.
 */
export async function secretsFor(
  io: Io,
  options: InputOptions,
  changes: readonly ChangeAnnounced[],
  events: readonly Event[],
): Promise<ReadonlyMap<string, string>> {
  const names = events.find((event) => event.type === "run-started")?.secrets ?? [];
  const given = new Map<string, string>();
  const { values, unread } = await givenInputs(
    io,
    options,
    names.map((name) => ({ name })),
  );
  for (const [name, why] of unread) throw new UsageError(`-i ${name}: ${why}`);
  for (const [name, value] of values) {
    if (!names.includes(name)) throw new UsageError(`expected a secret of the case${among(names)}, found -i ${name}`);
    if (typeof value !== "string") throw new UsageError(`expected one text for the secret ${name}`);
    given.set(name, value);
  }
  const missing = names.filter((name) => !given.has(name) && changes.some(({ token }) => mentions(token, name)));
  if (!io.canAsk || missing.length === 0) return given;
  const answers = await askForInputs(io, missing.map(declaration));
  for (const [name, answer] of answers ?? []) given.set(name, String(answer));
  return given;
}

const among = (names: readonly string[]): string =>
  names.length === 0 ? ", which has none" : ` (${names.join(", ")})`;

const mentions = (token: Json, name: string): boolean => JSON.stringify(token).includes(masked(name));

const declaration = (name: string) => ({
  name,
  about: "a secret of the run, needed to put back what it changed",
  type: "string" as const,
  choices: [],
  pattern: null,
  secret: true,
});

/** The change with the secrets where its token names them. */
export const revealSecrets = (change: ChangeAnnounced, secrets: ReadonlyMap<string, string>): ChangeAnnounced => ({
  ...change,
  token: reveal(change.token, secrets),
});

function reveal(value: Json, secrets: ReadonlyMap<string, string>): Json {
  if (typeof value === "string") {
    return [...secrets].reduce((text, [name, secret]) => text.split(masked(name)).join(secret), value);
  }
  if (Array.isArray(value)) return value.map((inner) => reveal(inner, secrets));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, reveal(inner, secrets)]));
}
