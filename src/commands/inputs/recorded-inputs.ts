import type { Runbook } from "../../model/runbook.js";
import type { Value } from "../../model/value.js";
import type { Io } from "../io.js";
import type { RecordedCase } from "../recorded-case.js";
import type { InputOptions } from "./given-inputs.js";
import { inputValues } from "./resolve-inputs.js";

/** What a case recorded of the inputs that a runbook has now: as data, without secrets. */
export const recordedInputs = (runbook: Runbook, { started }: RecordedCase): ReadonlyMap<string, unknown> =>
  new Map(
    runbook.inputs
      .filter(({ name, secret }) => !secret && !started.secrets.includes(name) && Object.hasOwn(started.inputs, name))
      .map(({ name }) => [name, started.inputs[name]]),
  );

/**
 * Values for a replay: as given now, else as recorded. A secret is its mask, which stands in the evidence wherever the secret stood.
 * null and `UsageError` as `inputValues` has them.
 */
export async function replayInputs(
  io: Io,
  runbook: Runbook,
  options: InputOptions,
  recorded: RecordedCase,
  mayAsk: boolean,
): Promise<ReadonlyMap<string, Value> | null> {
  const hidden = runbook.inputs.filter(
    ({ name, secret, optional }) => secret && (recorded.started.secrets.includes(name) || !optional),
  );
  const masks = hidden.map(({ name }) => [name, `[masked:${name}]`] as const);
  // A mask need not match the secret's pattern.
  const inputs = runbook.inputs.map((input) => (input.secret ? { ...input, pattern: null } : input));
  const earlier = new Map([...recordedInputs(runbook, recorded), ...masks]);
  const values = await inputValues(io, { ...runbook, inputs }, options, mayAsk, earlier);
  return values === null ? null : new Map([...values, ...masks]);
}
