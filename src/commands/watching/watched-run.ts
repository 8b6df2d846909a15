import { isDeepStrictEqual } from "node:util";
import type { Runbook } from "../../model/runbook.js";
import { toJson, type Value } from "../../model/value.js";
import type { InputOptions } from "../inputs/given-inputs.js";
import { recordedInputs } from "../inputs/recorded-inputs.js";
import { inputValues } from "../inputs/resolve-inputs.js";
import type { Io } from "../io.js";
import { readKeptRunbook } from "../kept-runbook.js";
import type { RecordedCase } from "../recorded-case.js";
import { allAgain, type RerunSteps } from "../running/rerun-steps.js";
import { changedSteps } from "./changed-steps.js";

/** What ran last of a runbook that is watched. */
export interface LastRun {
  readonly recorded: RecordedCase;
  /** null where the text of the case is none that this casebook knows. */
  readonly runbook: Runbook | null;
  /** Values, as data; secrets only of a run of this process. */
  readonly inputs: ReadonlyMap<string, Value>;
}

/** A case to begin with. Throws `UsageError` when its runbook cannot be read. */
export async function lastRunOf(io: Io, recorded: RecordedCase): Promise<LastRun> {
  const { loaded } = await readKeptRunbook(io.cwd, recorded);
  const runbook = loaded.ok ? loaded.value : null;
  const inputs = runbook === null ? new Map() : recordedInputs(runbook, recorded);
  return { recorded, runbook, inputs: inputs as ReadonlyMap<string, Value> }; // JSON is a value
}

/** Whether a step failed or was never reached. */
export const unsettled = ({ recorded, runbook }: LastRun): boolean =>
  runbook === null || runbook.steps.some(({ key }) => !recorded.recording.settled.has(key));

/**
 * Inputs for the next run: as given on the command line, else as they were, but for those that had their default, which may be another
 * now. null when the person would rather stop; throws `UsageError`.
 */
export function settledInputs(
  io: Io,
  runbook: Runbook,
  options: InputOptions & { readonly mayAsk: boolean },
  last: LastRun | null,
): Promise<ReadonlyMap<string, Value> | null> {
  const declared = new Set(runbook.inputs.map(({ name }) => name));
  const defaults = new Map(last?.runbook?.inputs.map((input) => [input.name, input.default]));
  const kept = [...(last?.inputs ?? [])].filter(
    ([name, value]) => declared.has(name) && !isDeepStrictEqual(value, defaults.get(name)),
  );
  return inputValues(io, runbook, options, options.mayAsk, new Map(kept));
}

/** What has to run, now that the runbook is another. */
export function nextSteps(last: LastRun | null, runbook: Runbook, inputs: ReadonlyMap<string, Value>): RerunSteps {
  if (last === null || last.runbook === null) return allAgain(runbook);
  const changed = [...inputs].filter(
    ([name, value]) =>
      last.inputs.has(name) && !isDeepStrictEqual(toJson(value), toJson(last.inputs.get(name) ?? null)),
  );
  const before = { runbook: last.runbook, settled: last.recorded.recording.settled };
  return changedSteps(before, runbook, new Set(changed.map(([name]) => name)));
}
