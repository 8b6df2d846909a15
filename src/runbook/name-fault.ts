import type { Diagnostic, Place } from "../model/diagnostic.js";
import { didYouMean } from "../util/near-miss.js";
import { listed } from "./cel/value.js";
import type { NameTable } from "./names.js";
import { describeType, type Type } from "./type.js";

/** Why a name cannot be used where it stands: it does not exist, or not yet. `also` are names of the place itself. */
export function nameFault(name: string, names: NameTable, place: Place, also: Iterable<string> = []): Diagnostic {
  const later = names.later.get(name);
  if (later !== undefined) {
    return { severity: "error", code: "name-too-early", message: `"${name}" cannot be used here: ${later}`, place };
  }
  const elsewhere = standing.get(name);
  if (elsewhere !== undefined) {
    return { severity: "error", code: "name-too-early", message: `"${name}" cannot be used here: ${elsewhere}`, place };
  }
  const hint = didYouMean(name, [...also, ...names.types.keys(), ...names.later.keys()]);
  const message = `expected a name that exists, found "${name}": no input, step or saved value is called that`;
  return { severity: "error", code: "unknown-name", message, place, ...(hint !== null && { hint }) };
}

/** Names that only some places of a step know. */
const standing: ReadonlyMap<string, string> = new Map([
  ["result", "it is what came of a step, for its save, require, expect and until; elsewhere write the step's id"],
  ["item", "it is the element of a for_each, for that step alone"],
]);

/** `object` is known not to have the field; `written` is how it stands in the text. */
export function unknownField(name: string, written: string, object: Type, place: Place): Diagnostic {
  const base = { severity: "error", code: "unknown-field", place } as const;
  if (object.kind !== "object") {
    const hint =
      object.kind === "list"
        ? { hint: `take one element, as in first(${written}), or go through all with a macro` }
        : {};
    return {
      ...base,
      message: `expected an object, but ${written} is a ${describeType(object)}, which has no field "${name}"`,
      ...hint,
    };
  }
  const filled = object.unfilled?.[name];
  if (filled !== undefined) {
    return { ...base, message: `expected a field of ${written} that this step fills, found "${name}"`, hint: filled };
  }
  const fields = Object.keys(object.fields);
  const hint = didYouMean(name, fields) ?? `it has ${listed(fields, 24)}`;
  return { ...base, message: `expected a field of ${written}, found "${name}"`, hint };
}
