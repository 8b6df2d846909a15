import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Event } from "../../src/model/event.js";

type Of<T extends Event["type"]> = Extract<Event, { type: T }>;

/** The events of a case that a test made. */
export interface CaseJournal {
  readonly lines: readonly string[];
  readonly events: readonly Event[];
  of<T extends Event["type"]>(type: T): readonly Of<T>[];
  /** How a step finished: the last of its `step-finished` events. */
  finished(step: string): Of<"step-finished">;
}

export async function caseJournal(folder: string): Promise<CaseJournal> {
  const lines = (await readFile(join(folder, "journal.ndjson"), "utf8")).trimEnd().split("\n");
  const events = lines.map((line) => JSON.parse(line) as Event);
  const of = <T extends Event["type"]>(type: T) => events.filter((event): event is Of<T> => event.type === type);
  return {
    lines,
    events,
    of,
    finished(step) {
      const found = of("step-finished").findLast((event) => event.step === step);
      if (found === undefined) throw new Error(`${step} did not finish in ${folder}`);
      return found;
    },
  };
}
