import { resolve } from "node:path";
import type { Event } from "../../model/event.js";
import { liveProgress } from "../../progress/live.js";
import type { Io, Output, Screen } from "../io.js";
import { lastLineOf } from "../running/last-line.js";

/** A display in motion on standard error. */
export interface LiveWatcher extends Disposable {
  readonly watch: (event: Event) => void;
  /** The same, with all that is written to the terminal put above the display. */
  readonly io: Io;
  /** Takes the display away while somebody else draws. */
  suspended<T>(work: () => Promise<T>): Promise<T>;
}

/** A tenth of a second is what it shows; twice that keeps a slow line quiet. */
const tickMilliseconds = 200;

export function openLiveWatcher(io: Io, screen: Screen): LiveWatcher {
  const { stderr } = io;
  const live = liveProgress(
    { write: stderr.write, size: screen.size, colour: stderr.colour },
    { now: io.now, lastLine: (folder, step) => lastLineOf(resolve(io.cwd, folder), step) },
  );
  const ticking = setInterval(live.tick, tickMilliseconds);
  const resizing = screen.onResize(live.resized);
  const end = (): void => {
    clearInterval(ticking);
    resizing[Symbol.dispose]();
    live.suspend();
  };
  const above = (output: Output): Output => ({
    ...output,
    // What would leave a line that a key has begun, such as ^C, need not: it was drawn over.
    write: (text) => live.aside(() => output.write(text.replace(/^\n/, ""))),
  });
  return {
    watch: live.watch,
    io: {
      ...io,
      stderr: above(stderr),
      stdout: io.stdout.isTerminal ? above(io.stdout) : io.stdout,
      reportBug(error, folder) {
        end();
        return io.reportBug(error, folder);
      },
      leave(code) {
        end();
        return io.leave(code);
      },
    },
    async suspended(work) {
      live.suspend();
      try {
        return await work();
      } finally {
        live.resume();
      }
    },
    [Symbol.dispose]: end,
  };
}
