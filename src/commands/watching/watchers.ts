import { closeSync, openSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import type { Event } from "../../model/event.js";
import { ndjsonProgress } from "../../progress/ndjson.js";
import { plainProgress } from "../../progress/plain.js";
import type { Io, Output } from "../io.js";
import { oneOf } from "../options.js";
import { UsageError } from "../usage-error.js";
import { openLiveWatcher } from "./live-watcher.js";

const progressModes = ["auto", "live", "plain", "quiet"] as const;

/** The options by which commands say how a run is watched. */
export interface WatchOptions {
  readonly progress: (typeof progressModes)[number];
  readonly events?: string;
}

export function addWatchOptions(command: Command): Command {
  return command
    .option(
      "--progress <mode>",
      "on standard error: auto (live on a terminal), live, plain or quiet",
      oneOf(progressModes),
      "auto",
    )
    .option(
      "--events <file>",
      "write each event as a line of JSON; - is standard output, results then go to standard error",
    );
}

/** Who is told of a run's events, and where its results go. */
export interface Watchers extends Disposable {
  readonly watch: (event: Event) => void;
  readonly results: Output;
  /** What a run is to write to, so that nothing is drawn over. */
  readonly io: Io;
  /** Does what draws on the terminal by itself, such as a question. */
  suspended<T>(work: () => Promise<T>): Promise<T>;
}

/** Throws `UsageError` when the file for the events cannot be opened. */
export function openWatchers(outer: Io, { progress, events }: WatchOptions): Watchers {
  const file = events === undefined || events === "-" ? null : eventsFile(outer, events);
  const { screen, write, colour } = outer.stderr;
  const isLive = screen !== null && (progress === "auto" || progress === "live");
  const live = isLive ? openLiveWatcher(outer, screen) : null;
  const io = live?.io ?? outer;
  const watchers: ((event: Event) => void)[] = [];
  if (live !== null) watchers.push(live.watch);
  else if (progress !== "quiet") watchers.push(plainProgress(write, { colour }));
  if (events === "-") watchers.push(ndjsonProgress(io.stdout.write));
  if (file !== null) watchers.push(ndjsonProgress(file.write));
  return {
    io,
    results: events === "-" ? io.stderr : io.stdout,
    watch(event) {
      for (const watch of watchers) watch(event);
    },
    suspended: (work) => live?.suspended(work) ?? work(),
    [Symbol.dispose]() {
      live?.[Symbol.dispose]();
      file?.close();
    },
  };
}

/** A file that each event has reached when `write` returns. When it takes no more, that is said once, and the run goes on. */
function eventsFile(io: Io, file: string): { readonly write: (text: string) => void; readonly close: () => void } {
  const descriptor = openEvents(resolve(io.cwd, file), file);
  let failed = false;
  const write = (text: string): void => {
    if (failed) return;
    try {
      const bytes = Buffer.from(text);
      for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      failed = true;
      io.stderr.write(`casebook: ${file} takes no more events (${code}); the journal has them all\n`);
    }
  };
  return { write, close: () => closeSync(descriptor) };
}

function openEvents(path: string, file: string): number {
  try {
    return openSync(path, "w", 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UsageError(`--events: ${file} cannot be written (${code})`);
  }
}
