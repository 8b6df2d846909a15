import * as z from "zod";
import type { Runbook, Step } from "../model/runbook.js";
import { Absent, type Value, type ValueObject } from "../model/value.js";

/** The fields that every result has besides its kind's own. */
export const commonFields = ["started_at", "finished_at", "milliseconds"] as const;

/** Every name of a runbook before anything ran: inputs as given, steps as skipped, saved values absent. */
export function initialScope(runbook: Runbook, inputs: ReadonlyMap<string, Value>): Map<string, Value> {
  const scope = new Map(
    [...inputs].map(([name, value]) => [name, value ?? new Absent(`the input ${name} was not given`)] as const),
  );
  const visit = (steps: readonly Step[]): void => {
    for (const step of steps) {
      setAbsent(scope, step, "skipped", `${step.key} did not run`);
      if (step.during !== null) visit(step.during);
    }
  };
  visit(runbook.steps);
  return scope;
}

/** Sets a step's id and its saved names to what they hold when it was skipped or failed. */
export function setAbsent(scope: Map<string, Value>, step: Step, outcome: "skipped" | "failed", because: string): void {
  const absent = new Absent(because);
  if (step.id !== null) {
    scope.set(step.id, step.forEach === null ? absentStep(step, outcome, absent) : absent);
  }
  if (step.forEach === null) for (const { name } of step.save) scope.set(name, absent);
}

/** A step's id as an object with `outcome`, and absent values for all else that it would have held. */
export function absentStep(step: Step, outcome: "skipped" | "failed", absent: Absent): ValueObject {
  const { result, opened } = step.kind;
  const own = [...fieldsOf(result), ...(step.uses?.saves ?? []), ...(opened === undefined ? [] : fieldsOf(opened))];
  const fields = [...own, ...commonFields];
  return {
    outcome,
    ...Object.fromEntries(fields.map((field) => [field, absent])),
    expect: named(step.expect, absent),
    ...(step.forEach !== null && { save: named(step.save, absent) }),
  };
}

const named = (all: readonly { readonly name: string }[], absent: Absent): ValueObject =>
  Object.fromEntries(all.map(({ name }) => [name, absent]));

const fieldsOf = (schema: z.ZodType): readonly string[] =>
  schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
