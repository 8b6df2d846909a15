import type { PlannedStep } from "../../model/plan.js";
import { didYouMean } from "../../util/near-miss.js";
import { UsageError } from "../usage-error.js";

/**
 * The answers of `--answer id=value` by step. A step of a `for_each` may be answered several times, a round each; one answer is for all
 * rounds. Throws `UsageError` for a step that asks nothing and for what is not among its choices.
 */
export function givenAnswers(
  options: readonly string[],
  steps: readonly PlannedStep[],
): ReadonlyMap<string, readonly string[]> {
  const given = new Map<string, readonly string[]>();
  for (const option of options) {
    const at = option.indexOf("=");
    if (at < 1 || at === option.length - 1)
      throw new UsageError(`expected --answer id=value, found --answer ${option}`);
    const [id, answer] = [option.slice(0, at), option.slice(at + 1)];
    const asking = stepThatAsks(id, steps);
    const { choices } = asking.asks;
    if (choices !== null && !choices.includes(answer)) {
      const near = didYouMean(answer, choices);
      const hint = near === null ? "" : `: ${near}`;
      throw new UsageError(`--answer ${id}: expected one of ${choices.join(", ")}, found "${answer}"${hint}`);
    }
    const before = given.get(id) ?? [];
    if (before.length > 0 && asking.forEach === null) {
      throw new UsageError(`--answer ${id}: expected one answer, since it asks once; found several`);
    }
    given.set(id, [...before, answer]);
  }
  return given;
}

type Asking = PlannedStep & { readonly asks: NonNullable<PlannedStep["asks"]> };

function stepThatAsks(id: string, steps: readonly PlannedStep[]): Asking {
  const asking = steps.filter((step): step is Asking => step.asks !== null);
  const found = asking.find(({ key }) => key === id);
  if (found !== undefined) return found;
  const names = asking.map(({ key }) => key);
  const list = names.length === 0 ? "the runbook asks nothing" : `it asks in ${names.join(", ")}`;
  const what = steps.find(({ key }) => key === id);
  if (what !== undefined)
    throw new UsageError(`--answer ${id}: expected a step that asks, found one of kind ${what.kind}; ${list}`);
  throw new UsageError(`--answer ${id}: the runbook has no such step: ${didYouMean(id, names) ?? list}`);
}
