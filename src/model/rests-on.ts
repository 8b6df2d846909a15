import type { JsonObject } from "./json.js";

/** What a verdict's rule reads, through saved names to the step that saved them. */
export interface RestsOn {
  readonly step: string;
  readonly span: string;
  readonly expectation: string | null;
  /** Paths that the rule reads of it, with the values there; what is large is left out. */
  readonly seen?: JsonObject;
}
