import type { Event } from "../model/event.js";

/** Events as they stand in the journal, one JSON object a line, each in one write. */
export const ndjsonProgress =
  (write: (text: string) => void): ((event: Event) => void) =>
  (event) =>
    write(`${JSON.stringify(event)}\n`);
