import type { Event } from "../model/event.js";
import { liveFrame } from "./live-frame.js";
import { type OpenStep, openSteps } from "./open-steps.js";
import { paintOf } from "./paint.js";
import { plainProgress } from "./plain.js";
import { createRegion, type RegionLine } from "./region.js";

/** The terminal that a live display draws on. */
export interface LiveTerminal {
  readonly write: (text: string) => void;
  readonly size: () => { readonly columns: number; readonly rows: number };
  readonly colour: boolean;
}

export interface LiveOptions {
  readonly now: () => Date;
  /** What an open step of the case has printed last, or null. */
  readonly lastLine: (caseFolder: string, step: OpenStep) => string | null;
}

/** Progress on a terminal: open steps at the bottom, in motion; what has happened scrolls away above as plain lines. */
export interface LiveProgress {
  watch(event: Event): void;
  /** Draws the open steps as they are now: called again and again, since time goes by. */
  tick(): void;
  resized(): void;
  /** Lets something else write lines that stay; the display comes back with the next tick. */
  aside(write: () => void): void;
  /** Takes the display away, until `resume`, for somebody else who draws. */
  suspend(): void;
  resume(): void;
}

export function liveProgress(terminal: LiveTerminal, { now, lastLine }: LiveOptions): LiveProgress {
  const steps = openSteps();
  const region = createRegion(terminal.write);
  const paint = paintOf(terminal.colour);
  let folder = "";
  let shown = false;
  let suspended = false;

  const frame = (): readonly RegionLine[] =>
    liveFrame(steps.list(), {
      ...terminal.size(),
      now: now().getTime(),
      paint,
      lastLine: (step) => lastLine(folder, step),
    });
  /** Steps that end before the first tick are never drawn. */
  const below = (): readonly RegionLine[] => (shown && !suspended ? frame() : []);
  const plain = plainProgress((text) => region.print(text, below()), { colour: terminal.colour, starts: false });

  return {
    watch(event) {
      if (event.type === "run-started") folder = event.case;
      steps.take(event);
      plain(event);
    },
    tick() {
      if (suspended) return;
      shown = true;
      region.draw(frame());
    },
    resized() {
      region.resize(terminal.size().columns);
      if (shown && !suspended) region.print("", frame());
    },
    aside(write) {
      region.print("", []);
      write();
    },
    suspend() {
      suspended = true;
      region.print("", []);
    },
    resume() {
      suspended = false;
    },
  };
}
