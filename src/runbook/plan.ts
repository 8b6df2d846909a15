import type { Json } from "../model/json.js";
import type { Plan, PlannedStep } from "../model/plan.js";
import { highest } from "../model/risk.js";
import type { Runbook, Step } from "../model/runbook.js";
import type { Scope } from "../model/scope.js";
import type { Tool } from "../model/step-kind.js";

/** What a runbook would do with these values, which are its inputs or nothing at all. Pure: no host is asked. */
export function plan(runbook: Runbook, scope: Scope): Plan {
  const steps = planSteps(runbook.steps, scope, { depth: 0, file: null, key: "", number: "" });
  return {
    file: runbook.file,
    title: runbook.title.outline(scope),
    question: runbook.question?.outline(scope) ?? null,
    risk: highest(steps.map(({ risk }) => risk)),
    steps,
    tools: distinct(steps.flatMap(({ tools }) => tools)),
  };
}

/** Where a list of steps stands: inside how many others, and in which runbook that a step uses. */
interface Position {
  readonly depth: number;
  /** null: the runbook's own. */
  readonly file: string | null;
  /** Before their names and numbers: `tls.`, `3.`. */
  readonly key: string;
  readonly number: string;
}

/** A list of steps in the order of the text, those inside a step after it and one deeper. */
function planSteps(steps: readonly Step[], scope: Scope, at: Position): readonly PlannedStep[] {
  return steps.flatMap((step) => {
    const deeper = { ...at, depth: at.depth + 1 };
    const inside = step.during === null ? [] : planSteps(step.during, scope, deeper);
    const planned = planStep(step, scope, at);
    if (step.uses === undefined) return [planned, ...inside];
    const { runbook, known } = step.uses;
    const names = { file: runbook.file, key: `${planned.key}.`, number: `${planned.number}.` };
    const used = planSteps(runbook.steps, known(JSON.parse(step.bind.outline(scope))), { ...deeper, ...names });
    const ownRisk = highest([planned.ownRisk, ...used.map(({ risk }) => risk)]);
    return [{ ...planned, ownRisk, risk: step.risk ?? ownRisk }, ...used];
  });
}

function planStep(step: Step, scope: Scope, at: Position): PlannedStep {
  const written: Json = JSON.parse(step.bind.outline(scope));
  const { risk, commands, changes, tools, traces, asks, looksUp } = step.kind.outline(written);
  return {
    key: `${at.key}${step.key}`,
    number: `${at.number}${step.ordinal}`,
    depth: at.depth,
    file: at.file,
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
    looksUp: looksUp ?? null,
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
