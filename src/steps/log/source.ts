import type { StepContext } from "../../model/step-kind.js";
import { commandSource } from "./command-source.js";
import { fileSource } from "./file-source.js";
import { journalSource } from "./journal-source.js";
import { programSource } from "./program-source.js";
import type { LogSpec } from "./spec.js";
import type { Source, SourceOptions } from "./take.js";

/** The source that a spec names, as of now. */
export async function sourceOf(spec: LogSpec, options: SourceOptions, context: StepContext): Promise<Source> {
  if (spec.of !== undefined) return programSource(spec.of, options, context);
  if (spec.file !== undefined) return await fileSource(spec.file, options, context);
  if (spec.unit !== undefined) return journalSource(spec.unit, spec.directory, options, context);
  return commandSource(spec.command ?? [], options, context);
}
