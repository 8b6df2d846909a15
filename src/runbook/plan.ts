import type { Json } from "../model/json.js";
import type { Plan, PlannedStep } from "../model/plan.js";
import { highest } from "../model/risk.js";
import type { Runbook, Step } from "../model/runbook.js";
import type { Scope } from "../model/scope.js";
import type { Tool } from "../model/step-kind.js";

/** What a runbook would do with these values, which are its inputs or nothing at all. Pure: no host is asked. */
export function plan(runbook: Runbook, scope: Scope): Plan {
  const steps = planSteps(runbook.steps, scope);
  return {
    file: runbook.file,
    title: runbook.title.outline(scope),
    question: runbook.question?.outline(scope) ?? null,
    risk: highest(steps.map(({ risk }) => risk)),
    steps,
    tools: distinct(steps.flatMap(({ tools }) => tools)),
  };
}

/** A list of steps in the order of the text, those inside an instrument after it and one deeper. */
export function planSteps(steps: readonly Step[], scope: Scope, depth = 0): readonly PlannedStep[] {
  return steps.flatMap((step) => [planStep(step, scope, depth), ...planSteps(step.during ?? [], scope, depth + 1)]);
}

function planStep(step: Step, scope: Scope, depth: number): PlannedStep {
  const written: Json = JSON.parse(step.bind.outline(scope));
  const { risk, commands, changes, tools, traces, asks } = step.kind.outline(written);
  return {
    key: step.key,
    ordinal: step.ordinal,
    depth,
    line: step.place.start.line,
    kind: step.kind.name,
    title: step.title?.outline(scope) ?? null,
    risk: step.risk ?? risk,
    ownRisk: risk,
    riskDeclared: step.risk !== null,
    when: step.when?.text ?? null,
    forEach: step.forEach === null ? null : { name: step.forEach.name, list: step.forEach.list.outline(scope) },
    attempts: step.retry?.times.outline(scope) ?? null,
    timeout: step.timeout.find((one) => one.notWritten?.(scope) !== true)?.outline(scope) ?? null,
    onFail: step.onFail,
    become: step.become,
    commands,
    asks: asks ?? null,
    changes,
    tools,
    traces: traces ?? null,
  };
}

function distinct(tools: readonly Tool[]): readonly Tool[] {
  const byName = new Map(tools.map((tool) => [tool.any.join(" "), tool]));
  return [...byName.values()];
}
