import type { Runbook, Step } from "../../model/runbook.js";
import { usedBy } from "../running/keep-runbooks.js";
import type { RerunSteps } from "../running/rerun-steps.js";

/** What is known of a runbook that ran. */
export interface Ran {
  readonly runbook: Runbook;
  /** Keys of the steps that came to their end. */
  readonly settled: ReadonlySet<string>;
}

/**
 * The steps that have to run again after a runbook was changed: those whose text is another, those that did not come to their end, and
 * whatever mentions a name that one of them gives, or an input that has another value. An instrument runs with all inside it.
 */
export function changedSteps(before: Ran, after: Runbook, inputs: ReadonlySet<string>): RerunSteps {
  const known = definitions(before.runbook);
  const steps = after.steps.flatMap((step) => flat(step, step, after.text));
  const live = new Set<string>();
  const names = new Set(inputs);
  const begin = (group: Step): void => {
    for (const { step, top } of steps) {
      if (top !== group) continue;
      live.add(step.key);
      for (const name of [...(step.id === null ? [] : [step.id]), ...step.save.map((saved) => saved.name)]) {
        names.add(name);
      }
    }
  };
  for (const { step, top, text } of steps) {
    const same = known.get(step.id ?? "")?.filter((one) => one.definition === definition(step, text)) ?? [];
    // What ended an instrument ended the step at the top, or was tolerated there.
    const isSettled = step !== top || same.some(({ key }) => before.settled.has(key));
    if (same.length === 0 || !isSettled) begin(top);
  }
  // What begins gives names, which others mention, until no more begin.
  for (let size = -1; size !== live.size; ) {
    size = live.size;
    for (const { step, top, text } of steps) if (!live.has(step.key) && mentions(text, names)) begin(top);
  }
  return { runbook: after, live, loose: new Set() };
}

interface Flat {
  readonly step: Step;
  /** The outermost instrument around it, or itself. */
  readonly top: Step;
  /** As written, without what stands inside it. */
  readonly text: string;
}

function flat(step: Step, top: Step, text: string): readonly Flat[] {
  const inner = step.during ?? [];
  const own = inner.reduceRight(
    (left, { place }) =>
      left.slice(0, place.start.offset - step.place.start.offset) +
      left.slice(place.end.offset - step.place.start.offset),
    text.slice(step.place.start.offset, step.place.end.offset),
  );
  return [{ step, top, text: own.trimEnd() }, ...inner.flatMap((one) => flat(one, top, text))];
}

interface Known {
  readonly key: string;
  readonly definition: string;
}

/** By id; those without one together, since their names move with their places. */
function definitions(runbook: Runbook): ReadonlyMap<string, readonly Known[]> {
  const found = new Map<string, Known[]>();
  for (const { step, text } of runbook.steps.flatMap((step) => flat(step, step, runbook.text))) {
    const id = step.id ?? "";
    found.set(id, [...(found.get(id) ?? []), { key: step.key, definition: definition(step, text) }]);
  }
  return found;
}

/** Its user may come from the runbook's defaults, and a runbook that it uses is elsewhere. */
const definition = (step: Step, text: string): string =>
  [step.become ?? "", text, ...usedBy([step]).map((used) => used.text)].join("\n");

const mentions = (text: string, names: ReadonlySet<string>): boolean =>
  text.split(/[^A-Za-z0-9_]+/).some((word) => names.has(word));
