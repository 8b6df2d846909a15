import type { Runbook } from "../../model/runbook.js";
import type { Scope } from "../../model/scope.js";
import { resolveInputs } from "../../runbook/inputs.js";
import type { Io } from "../io.js";
import { givenInputs, type InputOptions, orUsageError } from "./given-inputs.js";

/** Inputs that have a value, without the secrets: a plan is for showing. */
export async function knownInputs(io: Io, runbook: Runbook, options: InputOptions): Promise<Scope> {
  const { values: given, unread, origins } = await givenInputs(io, options, runbook.inputs);
  const relaxed = runbook.inputs.map((input) => ({
    ...input,
    optional: input.optional || input.default === undefined,
  }));
  const values = orUsageError(io, resolveInputs(relaxed, given, { unread, origins }), runbook.text);
  const shown = runbook.inputs.filter(
    ({ name, optional, secret }) => !secret && (optional || (values.get(name) ?? null) !== null),
  );
  return new Map(shown.map(({ name }) => [name, values.get(name) ?? null]));
}
