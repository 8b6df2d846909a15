import type { Event } from "../model/event.js";
import { plain } from "../model/rich-text.js";

/** A step that has begun and not ended. */
export interface OpenStep {
  readonly step: string;
  /** Empty where it has none. */
  readonly title: string;
  /** Its place in the text of the runbook, from 1; null where the run began unseen. */
  readonly ordinal: number | null;
  /** The step that it stands in, an instrument or one that uses a runbook; null: none. */
  readonly around: OpenStep | null;
  readonly depth: number;
  readonly iteration: number | null;
  readonly attempt: number;
  /** When it began, in milliseconds since the epoch. */
  readonly since: number;
}

/** The steps that are open after the events so far, those around before those inside. */
export interface OpenSteps {
  take(event: Event): void;
  list(): readonly OpenStep[];
}

export function openSteps(): OpenSteps {
  const open = new Map<string, OpenStep>();
  const outline = new Map<string, { readonly title: string; readonly ordinal: number }>();
  return {
    list: () => [...open.values()],
    take(event) {
      switch (event.type) {
        case "run-started":
          for (const { step, title, ordinal } of event.runbook.steps) outline.set(step, { title, ordinal });
          return;
        case "step-started": {
          const { step, span, parent, iteration, attempt } = event;
          const known = outline.get(step);
          const title = event.title === null ? (known?.title ?? "") : plain(event.title);
          const around = parent === null ? null : (open.get(parent) ?? null);
          const depth = around === null ? 0 : around.depth + 1;
          const since = Date.parse(event.at);
          open.set(span, { step, title, ordinal: known?.ordinal ?? null, around, depth, iteration, attempt, since });
          return;
        }
        case "attempt-finished": {
          const step = open.get(event.span);
          if (step !== undefined) open.set(event.span, { ...step, attempt: event.attempt + 1 });
          return;
        }
        case "step-finished":
          open.delete(event.span);
          return;
        case "run-finished":
          open.clear();
          return;
        default:
      }
    },
  };
}
