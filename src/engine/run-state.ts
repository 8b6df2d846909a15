import type { Json } from "../model/json.js";
import type { Answers } from "../model/question.js";
import type { RestsOn } from "../model/rests-on.js";
import type { Runbook, Step } from "../model/runbook.js";
import type { Offer } from "../model/step-kind.js";
import type { Target } from "../model/target.js";
import type { Value } from "../model/value.js";
import type { Changes } from "./changes.js";
import type { EvidenceFiles } from "./evidence-files.js";
import type { Counters, Recorder } from "./recorder.js";
import type { Source } from "./source.js";

/** What stays the same while a runbook runs, and the few things that grow. */
export interface Run {
  readonly runbook: Runbook;
  readonly target: Target;
  /** Where observations come from. */
  readonly source: Source;
  readonly files: EvidenceFiles;
  readonly recorder: Recorder;
  readonly counters: Counters;
  readonly changes: Changes;
  readonly now: () => Date;
  readonly scratch: string;
  readonly answers: Answers;
  /** Of casebook itself. */
  readonly ownEnv: Readonly<Record<string, string | undefined>>;
  /** Nothing is looked up in the network from casebook's own machine. */
  readonly offline: boolean;
  /** Every name with its value as of now; steps that did not run yet hold absent values. */
  readonly scope: Map<string, Value>;
  /** When a step began, by id. */
  readonly began: Map<string, Date>;
  /** The steps that note how something stands when a step begins, by its id. */
  readonly markers: ReadonlyMap<string, readonly Step[]>;
  /** What these steps noted, by their key. */
  readonly marks: Map<string, Json>;
  /** Which execution gave a name its value: for what a verdict rests on. */
  readonly sources: Map<string, NameSource>;
  /** What the verdicts of runbooks rest on that steps use, by the step's span. */
  readonly nested: Map<string, readonly RestsOn[]>;
  /** What stands before the names of its steps, and of their evidence: something only in a runbook that a step uses. */
  readonly within: { readonly steps: string; readonly files: string };
  /** Runs a list of steps, for steps that hold one. */
  readonly runList: (steps: readonly Step[], frame: Frame) => Promise<Stop | null>;
}

/** The execution that gave a name its value, and of a saved value the paths from which it was made, `result` aside. */
export interface NameSource {
  readonly step: string;
  readonly span: string;
  readonly madeFrom: readonly string[];
}

/** An instrument that is open. */
export interface OpenInstrument {
  readonly run: Run;
  readonly step: Step;
  readonly offers: readonly Offer[];
}

/** Where in the nesting of a run a list of steps stands. */
export interface Frame {
  readonly run: Run;
  /** Span of the enclosing instrument or `for_each` step. */
  readonly parent: string | null;
  readonly signal: AbortSignal;
  /** Innermost last. */
  readonly instruments: readonly OpenInstrument[];
}

/** Why a list of steps ended before its end. */
export interface Stop {
  readonly step: string;
  readonly reason: string;
}
