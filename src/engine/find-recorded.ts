import { isDeepStrictEqual } from "node:util";
import { isJsonObject, type Json } from "../model/json.js";
import { StepFailure } from "../model/step-kind.js";
import type { RecordedStep, Recording } from "./recording.js";
import type { Asking } from "./source.js";

export interface FinderOptions {
  readonly recording: Recording;
  /** Hides secrets as the journal does. */
  readonly mask: (json: Json) => Json;
  /** Keys of steps that are taken whatever they collected with. */
  readonly loose: ReadonlySet<string>;
  /** What to do about a step that was not recorded, by its key at the top. */
  readonly remedy: (step: string) => string;
}

/** Finds recorded executions, each at most once. */
export type FindRecorded = (asking: Asking) => RecordedStep;

/**
 * The recorded execution whose observation a step may take: of the same name (without one, of the same kind) and collected with the
 * same fields; of several, the one of the same round, then the first. `find` throws `StepFailure` when there is none.
 */
export function createFinder({ recording, mask, loose, remedy }: FinderOptions): FindRecorded {
  const used = new Set<RecordedStep>();
  return (asking) => {
    const { step, of } = asking;
    const wanted = collecting(asking, mask);
    const candidates = recording.steps.filter((one) => isOfSameName(one, asking));
    // A runbook that a step uses is taken as that step is.
    const top = of.step.split(".")[0] ?? of.step;
    const fit = candidates.filter(
      (one) => !used.has(one) && (loose.has(top) || isDeepStrictEqual(recorded(one, step.kind.readWith), wanted)),
    );
    const found =
      fit.find(({ started }) => started.step === of.step && started.iteration === of.iteration) ??
      fit.find(({ started }) => started.step === of.step) ??
      fit[0];
    if (found !== undefined) {
      used.add(found);
      return found;
    }
    const like = candidates.filter(({ started }) => started.step === of.step);
    const other = like.find(({ started }) => started.iteration === of.iteration) ?? like[0];
    throw new StepFailure(
      other === undefined
        ? `not recorded: the step ${elsewise(recording, of.step)}`
        : `not recorded with these fields: ${difference(recorded(other, step.kind.readWith), wanted, "")}`,
      { remedy: remedy(top) },
    );
  };
}

/** Why the case has no observation of a step of this name and kind. */
function elsewise({ steps, without }: Recording, name: string): string {
  const other = steps.find(({ started }) => started.step === name);
  return other === undefined ? (without.get(name) ?? "is not there") : `is of the kind ${other.started.kind} there`;
}

/** A step without an id is called after its place, which moves within its runbook. */
function isOfSameName({ started }: RecordedStep, { step, of }: Asking): boolean {
  if (started.kind !== step.kind.name) return false;
  if (step.id !== null) return started.step === of.step;
  return started.step.includes("-") && runbookOf(started.step) === runbookOf(of.step);
}

/** Of a step in a used runbook what stands before its own name. */
const runbookOf = (step: string): string => step.slice(0, step.lastIndexOf(".") + 1);

/** All that decides what is observed, as the journal would have it. */
function collecting({ step, bound }: Asking, mask: (json: Json) => Json): Json {
  const spec = mask(JSON.parse(JSON.stringify(bound.binding.spec)) as Json);
  return { ...fieldsOf(spec, step.kind.readWith), env: mask(bound.env), user: step.become };
}

const recorded = ({ started }: RecordedStep, readWith: readonly string[] | undefined): Json => ({
  ...fieldsOf(started.spec, readWith),
  env: started.env ?? {},
  user: started.user ?? null,
});

function fieldsOf(spec: Json, readWith: readonly string[] = []) {
  if (!isJsonObject(spec)) return { field: spec };
  return { field: Object.fromEntries(Object.entries(spec).filter(([name]) => !readWith.includes(name))) };
}

/** The first place where two values are not the same, in words. */
function difference(then: Json | undefined, now: Json | undefined, path: string): string {
  if (isJsonObject(then) && isJsonObject(now)) {
    for (const name of new Set([...Object.keys(then), ...Object.keys(now)])) {
      if (isDeepStrictEqual(then[name], now[name])) continue;
      const inner = path === "" && name === "field" ? "" : `${path}${path === "" ? "" : "."}${name}`;
      return difference(then[name], now[name], inner);
    }
  }
  const where = path === "" ? "it" : path;
  return `${where} is ${shown(now)}, and was ${shown(then)}`;
}

function shown(value: Json | undefined): string {
  if (value === undefined || value === null) return "not given";
  const text = JSON.stringify(value);
  return text.length <= 120 ? text : `${text.slice(0, 120)}…`;
}
