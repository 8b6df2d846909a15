import type { Runbook } from "../../model/runbook.js";
import type { Value } from "../../model/value.js";
import { resolveInputs } from "../../runbook/inputs.js";
import type { Io } from "../io.js";
import { askForInputs } from "./ask.js";
import { givenInputs, type InputOptions, orUsageError } from "./given-inputs.js";

/**
 * Values for all inputs of a runbook. What is missing is asked for where `mayAsk`; null when the person would rather stop.
 * Throws `UsageError` with everything that is missing, bad or unknown.
 *
 * @param earlier what counts where nothing is given now
 */
export async function inputValues(
  io: Io,
  runbook: Runbook,
  options: InputOptions,
  mayAsk: boolean,
  earlier: ReadonlyMap<string, unknown> = new Map(),
): Promise<ReadonlyMap<string, Value> | null> {
  const { values, unread, origins } = await givenInputs(io, options, runbook.inputs);
  const given = new Map([...earlier, ...values]);
  const missing = runbook.inputs.filter(
    ({ name, default: value, optional }) => (given.get(name) ?? null) === null && value === undefined && !optional,
  );
  if (mayAsk && unread.size === 0 && missing.length > 0) {
    const answers = await askForInputs(io, missing);
    if (answers === null) return null;
    for (const [name, answer] of answers) given.set(name, answer);
  }
  return orUsageError(io, resolveInputs(runbook.inputs, given, { unread, origins }), runbook.text);
}
