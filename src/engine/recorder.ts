import type { Event, EventBody } from "../model/event.js";
import type { Json } from "../model/json.js";

/** Where events go: masked, into the journal, then to whoever watches. */
export interface Recorder {
  emit(body: EventBody, flush?: boolean): void;
  /** The first error that kept an event out of the journal although space was held back for it, or null. */
  readonly lost: () => Error | null;
}

/** What of a masker the recorder needs. */
export interface JsonMasker {
  readonly active: boolean;
  json(value: Json): Json;
}

/** What of a journal the recorder needs. */
export interface EventLog {
  append(body: EventBody, flush?: boolean): Event;
  /** The disk was full; what follows uses what was kept free. */
  readonly full: boolean;
}

/** @param onFull called once, when the disk was found full: the run has to end */
export function createRecorder(
  log: EventLog,
  masker: JsonMasker,
  watchers: readonly ((event: Event) => void)[],
  onFull: () => void,
): Recorder {
  let full = false;
  let lost: Error | null = null;
  return {
    emit(body, flush = false) {
      // Masking keeps a body's shape: it replaces texts inside strings only.
      const masked = masker.active ? (masker.json(body as unknown as Json) as unknown as EventBody) : body;
      let event: Event;
      try {
        event = log.append(masked, flush);
      } catch (error) {
        // Undoing must go on even where its record cannot: the run ends and says so.
        lost ??= error instanceof Error ? error : new Error(String(error));
        if (!full) onFull();
        full = true;
        return;
      }
      if (log.full && !full) {
        full = true;
        onFull();
      }
      for (const watch of watchers) {
        try {
          watch(event);
        } catch (error) {
          // Undoing must go on whoever cannot show it: nobody catches this, and the run ends in order.
          queueMicrotask(() => {
            throw error;
          });
        }
      }
    },
    lost: () => lost,
  };
}

/** Numbers that are unique in a run. */
export interface Counters {
  span(): string;
  command(): number;
}

export function createCounters(commandsSoFar = 0): Counters {
  let spans = 0;
  let commands = commandsSoFar;
  return { span: () => `s${++spans}`, command: () => ++commands };
}
