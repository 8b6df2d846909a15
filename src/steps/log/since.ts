import { parseDuration } from "../../model/fields.js";
import { type StepContext, StepFailure } from "../../model/step-kind.js";
import { type Clock, lineTime } from "./line-time.js";

/** From when on lines are wanted: null is from the beginning; `step` when it is a step's beginning. */
export interface Since {
  readonly at: Date | null;
  readonly step: string | null;
}

/** The time that a time or a duration back means; null for anything else. */
export function sinceWhen(since: string, clock: Clock): Date | null {
  const back = parseDuration(since);
  if (back !== null) return new Date(clock.now.getTime() - back);
  return lineTime(since.length === 10 ? `${since}T00:00:00` : since, clock)?.at ?? null;
}

const stepName = /^[a-z][a-z0-9_]*$/;

/** @throws StepFailure when it is no time, no duration, and no step that has begun */
export function resolveSince(since: string | undefined, clock: Clock, context: Pick<StepContext, "began">): Since {
  if (since === undefined) return { at: null, step: null };
  const at = sinceWhen(since, clock);
  if (at !== null) return { at, step: null };
  const began = stepName.test(since) ? context.began(since) : null;
  if (began !== null) return { at: began, step: since };
  throw new StepFailure(
    `expected \`since\` to be a time, a duration such as 5m, or a step that has begun, found ${since}`,
  );
}
