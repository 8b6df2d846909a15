import type { JsonObject } from "../model/json.js";
import type { Step } from "../model/runbook.js";
import type { Condition, Evaluation, Scope } from "../model/scope.js";
import type { OfStep } from "../model/step-event.js";
import { Absent, toJson, type Value, type ValueObject } from "../model/value.js";
import { written } from "./rich.js";
import type { Run } from "./run-state.js";

/** What save, require and expect made of a result. */
export interface Settled {
  readonly saved: ValueObject;
  /** Name to boolean, absent where unknown. */
  readonly expect: ValueObject;
  /** Why the step fails, or null. */
  readonly failure: string | null;
}

/**
 * Runs `save`, `require` and `expect` over a result, in this order. Saved names enter the scope as they come. After an unmet
 * `require` nothing is observed.
 */
export function settle(step: Step, of: OfStep, result: ValueObject, run: Run): Settled {
  const saved: Record<string, Value> = {};
  const expect: Record<string, Value> = {};
  const full = (hypothesis: string): string => `${run.within.steps}${hypothesis}`;
  run.scope.set("result", result);
  try {
    for (const { name, value: condition } of step.save) {
      const found = condition.evaluate(run.scope);
      if (found.kind === "error")
        return { saved, expect, failure: `save ${name}: ${withValues(found.message, found)}` };
      saved[name] = found.value;
      run.scope.set(name, found.value);
      const madeFrom = condition.reads.filter((path) => !/^result\b/.test(path));
      run.sources.set(name, { step: of.step, span: of.span, madeFrom });
    }
    const unmet = requireAll(step, of, run);
    if (unmet !== null) return { saved, expect, failure: unmet };
    for (const expectation of step.expect) {
      const found = judge(expectation.that, run.scope);
      const holds = truth(found);
      const says = written(expectation.says, run.scope)?.render(run.scope);
      run.recorder.emit({
        type: "expectation",
        ...of,
        ...observed(expectation.that, found),
        name: expectation.name,
        required: false,
        supports: expectation.supports.map(full),
        refutes: expectation.refutes.map(full),
        says: says?.ok === true ? says.value : null,
      });
      if (found.kind === "error") {
        return { saved, expect, failure: `expect ${expectation.name}: ${withValues(found.message, found)}` };
      }
      expect[expectation.name] = holds ?? new Absent(`${step.key}.expect.${expectation.name} is unknown`);
    }
    return { saved, expect, failure: null };
  } finally {
    run.scope.delete("result");
  }
}

function requireAll(step: Step, of: OfStep, run: Run): string | null {
  for (const [index, condition] of step.require.entries()) {
    const found = judge(condition, run.scope);
    const name = step.require.length === 1 ? "require" : `require ${index + 1}`;
    run.recorder.emit({
      type: "expectation",
      ...of,
      ...observed(condition, found),
      name,
      required: true,
      supports: [],
      refutes: [],
      says: null,
    });
    if (truth(found) !== true) return `required: ${condition.text}${reason(found)}`;
  }
  return null;
}

/** A condition's evaluation; a value that is neither true, false nor null is an error. */
export function judge(condition: Condition, scope: Scope): Evaluation {
  const found = condition.evaluate(scope);
  if (found.kind !== "value" || found.value === null || typeof found.value === "boolean") return found;
  return { kind: "error", message: `expected true or false, found ${show(found.value)}`, seen: found.seen };
}

/** true, false, or null for anything else. */
export const truth = (found: Evaluation): boolean | null =>
  found.kind === "value" && typeof found.value === "boolean" ? found.value : null;

const observed = (condition: Condition, found: Evaluation) => ({
  that: condition.text,
  holds: truth(found),
  because: found.kind === "value" ? null : found.kind === "unknown" ? found.because : found.message,
  seen: toJson(found.seen) as JsonObject, // an object stays one
});

/** Why a condition did not hold, in a few words that follow its text. */
export function reason(found: Evaluation): string {
  if (found.kind === "unknown") return ` is unknown: ${found.because}`;
  if (found.kind === "error") return `: ${withValues(found.message, found)}`;
  return withValues(" does not hold", found);
}

/** A message with the values that a condition met. */
export function withValues(message: string, found: Evaluation): string {
  const values = Object.entries(found.seen).map(([path, value]) => `${path} = ${show(value)}`);
  return values.length === 0 ? message : `${message} (${values.join(", ")})`;
}

function show(value: Value): string {
  const text = JSON.stringify(toJson(value));
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}
