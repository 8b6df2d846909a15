import type { OutlinedStep, RunStarted } from "../model/event.js";
import { plain } from "../model/rich-text.js";
import type { Runbook, Step, UsedRunbook } from "../model/runbook.js";
import type { Scope } from "../model/scope.js";
import { initialScope } from "./absent.js";
import { rich, written } from "./rich.js";

type Outline = Pick<RunStarted["runbook"], "steps" | "hypotheses" | "not_examined">;

/** What is known of a runbook before it runs, with what is of the runbooks that it uses, behind the name of the step that does. */
export function outlined(runbook: Runbook, scope: Scope): Outline {
  const steps: OutlinedStep[] = [];
  const hypotheses: Outline["hypotheses"][number][] = [];
  const leftOut = (of: Runbook, names: Scope) => of.notExamined.map((text) => plain(rich(text, names)));
  const notExamined: string[] = leftOut(runbook, scope);
  const look = (of: Runbook, list: readonly Step[], names: Scope, within: string, depth: number): void => {
    for (const step of list) {
      const key = `${within}${step.key}`;
      steps.push({
        step: key,
        kind: step.kind.name,
        ordinal: step.ordinal,
        title: titleOf(step, of, names),
        depth,
        line: step.place.start.line,
      });
      look(of, step.during ?? [], names, within, depth + 1);
      if (step.uses === undefined) continue;
      const inner = scopeOf(step.uses, step, names);
      take(step.uses.runbook.hypotheses, inner, `${key}.`);
      notExamined.push(...leftOut(step.uses.runbook, inner).map((what) => `${key}: ${what}`));
      look(step.uses.runbook, step.uses.runbook.steps, inner, `${key}.`, depth + 1);
    }
  };
  const take = (all: Runbook["hypotheses"], names: Scope, within: string): void => {
    for (const { name, text } of all) hypotheses.push({ name: `${within}${name}`, text: rich(text, names) });
  };
  take(runbook.hypotheses, scope, "");
  look(runbook, runbook.steps, scope, "", 0);
  return { steps, hypotheses, not_examined: notExamined };
}

/** Whether a title will be written is known by then only of inputs. */
function titleOf({ title }: Step, { inputs }: Runbook, names: Scope): string {
  const isKnown = title?.reads.every((path) => inputs.some(({ name }) => name === path.split(".")[0])) === true;
  const shown = isKnown ? written(title, names) : title;
  return shown === null ? "" : plain(rich(shown, names));
}

/** The names of a runbook before the step that uses it runs. */
function scopeOf({ runbook, known }: UsedRunbook, step: Step, names: Scope): Scope {
  const values = known(JSON.parse(step.bind.outline(names)));
  return initialScope(runbook, new Map(runbook.inputs.map(({ name }) => [name, values.get(name) ?? null])));
}
