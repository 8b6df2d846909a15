import type { Runbook, Step } from "../../model/runbook.js";
import { didYouMean } from "../../util/near-miss.js";
import { UsageError } from "../usage-error.js";

/** What a rerun does with which step. */
export interface RerunSteps {
  /** What is left of the runbook. */
  readonly runbook: Runbook;
  /** Keys of the steps that run; the others are taken. */
  readonly live: ReadonlySet<string>;
  /** Keys of taken steps inside an instrument that runs: theirs may name a process that is no more. */
  readonly loose: ReadonlySet<string>;
}

/** The whole runbook again. */
export const allAgain = (runbook: Runbook): RerunSteps => ({
  runbook,
  live: new Set(keysOf(runbook.steps)),
  loose: new Set(),
});

/**
 * From one step to the end. One inside an instrument begins with the outermost around it: what stands before it there belongs to a
 * session that is over. Throws `UsageError` when there is no such step.
 */
export function fromStep(runbook: Runbook, id: string): RerunSteps {
  const [outermost] = pathTo(runbook, id);
  const at = runbook.steps.findIndex((step) => step === outermost);
  return { runbook, live: new Set(keysOf(runbook.steps.slice(at))), loose: new Set() };
}

/**
 * Some steps, all inside them, and the instruments around them; no verdict. Of the others those before are taken, whatever became of them
 * then, and those behind are left out. Throws `UsageError` when there is no such step.
 */
export function onlySteps(runbook: Runbook, ids: readonly string[]): RerunSteps {
  const paths = ids.map((id) => pathTo(runbook, id));
  const asked = paths.flatMap((path) => path.at(-1) ?? []);
  const live = new Set([...paths.flat().map(({ key }) => key), ...keysOf(asked)]);
  const around = new Set(paths.flatMap((path) => path.slice(0, -1)).filter((step) => !asked.includes(step)));
  const loose = new Set(keysOf([...around].flatMap(({ during }) => during ?? [])).filter((key) => !live.has(key)));
  const last = Math.max(...walk(runbook.steps).flatMap(({ key, ordinal }) => (live.has(key) ? [ordinal] : [])));
  const steps = reduced(runbook.steps, live, last);
  return { runbook: { ...runbook, steps, verdict: null }, live, loose };
}

/** What runs must succeed, and what is taken need not have. */
const reduced = (steps: readonly Step[], live: ReadonlySet<string>, last: number): readonly Step[] =>
  steps
    .filter(({ ordinal }) => ordinal <= last)
    .map((step) => ({
      ...step,
      onFail: live.has(step.key) ? "stop" : "continue",
      during: step.during === null ? null : reduced(step.during, live, last),
    }));

/** The step of this id, or of the name that a report gives to one without, behind the instruments around it. */
function pathTo({ steps, file }: Runbook, id: string): readonly Step[] {
  const found = search(steps, id);
  if (found !== null) return found;
  const keys = keysOf(steps);
  const user = walk(steps).find(({ key, uses }) => uses !== undefined && id.startsWith(`${key}.`));
  if (user !== undefined) {
    throw new UsageError(
      `${id} is inside the runbook that ${user.key} uses, which is run as a whole: name ${user.key}`,
    );
  }
  const hint = didYouMean(id, keys) ?? `steps: ${keys.join(", ")}`;
  throw new UsageError(`expected a step of ${file}, found ${id}; ${hint}`);
}

function search(steps: readonly Step[], key: string): readonly Step[] | null {
  for (const step of steps) {
    if (step.key === key) return [step];
    const inner = search(step.during ?? [], key);
    if (inner !== null) return [step, ...inner];
  }
  return null;
}

const walk = (steps: readonly Step[]): readonly Step[] => steps.flatMap((step) => [step, ...walk(step.during ?? [])]);

const keysOf = (steps: readonly Step[]): readonly string[] => walk(steps).map(({ key }) => key);
