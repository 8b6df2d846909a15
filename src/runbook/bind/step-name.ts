import * as z from "zod";
import type { Diagnostic } from "../../model/diagnostic.js";
import { roles } from "../../model/fields.js";
import { didYouMean } from "../../util/near-miss.js";
import type { Located } from "../located.js";
import { nameFault } from "../name-fault.js";
import type { NameTable } from "../names.js";
import type { Alternative } from "./schema.js";

/** Why a text is no step that this place can name, or null. A place may take other texts too: `since` also a time or a duration. */
export function stepNameFault(
  value: string,
  options: readonly Alternative[],
  source: Located,
  names: NameTable,
): Diagnostic | null {
  const others = options.filter(({ role }) => role !== "step").map(({ whole }) => z.safeParse(whole, value));
  if (others.some(({ success }) => success)) return null;
  const opened = options.map(({ whole }) => roles.get(whole)?.opened).find((kind) => kind !== undefined);
  if (opened === undefined ? names.steps.has(value) : isOpen(value, opened, names)) return null;
  if (names.later.has(value) && !names.steps.has(value)) return nameFault(value, names, source.place());

  const expected = [
    ...others.map(({ error }) => error?.issues[0]?.message.replace(/^expected /, "")),
    opened === undefined ? "the id of a step that has begun" : `the id of a "${opened}" step around this one`,
  ].filter((one) => one !== undefined);
  const near =
    opened === undefined ? names.steps : [...names.open].flatMap(([id, kind]) => (kind === opened ? id : []));
  const hint = didYouMean(value, near);
  const message = `expected ${expected.join(", or ")}, found ${JSON.stringify(value)}`;
  return {
    severity: "error",
    code: "unknown-step",
    message,
    place: source.place(),
    ...(hint !== null && { hint }),
  };
}

function isOpen(id: string, wanted: string, { open }: NameTable): boolean {
  const kind = open.get(id);
  return kind === wanted || kind === null;
}
