import { createHash } from "node:crypto";
import type * as E from "../../model/event.js";
import type * as S from "../../model/step-event.js";

/** What the journal tells about one execution of a step. */
export interface Execution {
  readonly of: S.OfStep;
  /** When the journal first mentions it. */
  readonly at: string;
  started: S.StepStarted | null;
  opened: S.StepOpened | null;
  finished: S.StepFinished | null;
  readonly attempts: S.AttemptFinished[];
  readonly commands: { readonly started: S.CommandStarted; finished: S.CommandFinished | null }[];
  readonly captured: S.Captured[];
  /** By name; the last evaluation counts. */
  readonly expectations: Map<string, S.ExpectationSeen>;
  readonly children: Execution[];
}

/** The name of the kind of step that was executed; the journal may end before it says. */
export const kindOf = ({ started, finished }: Execution): string => finished?.kind ?? started?.kind ?? "unknown";

type At<T> = T & { readonly at: string };

/** A journal's events sorted by what they are about. */
export interface Collected {
  run: At<E.RunStarted> | null;
  end: At<E.RunFinished> | null;
  verdict: At<E.VerdictReached> | null;
  readonly connected: At<E.TargetConnected>[];
  readonly lost: At<E.TargetLost>[];
  readonly interrupted: At<E.Interrupted>[];
  readonly executions: Map<string, Execution>;
  /** Executions without an enclosing one, in order. */
  readonly top: Execution[];
  readonly changes: { readonly announced: At<S.ChangeAnnounced>; undone: At<S.ChangeUndone> | null }[];
  readonly stops: { readonly stopped: At<S.ProcessStopped>; resumed: At<S.ProcessResumed> | null; times: number }[];
  events: number;
  lastAt: string | null;
  /** SHA-256 of the last line. */
  head: string | null;
}

/** Reads all events once. Types it does not know are counted and left alone. */
export async function collect(events: Iterable<E.Event> | AsyncIterable<E.Event>): Promise<Collected> {
  const all: Collected = {
    run: null,
    end: null,
    verdict: null,
    connected: [],
    lost: [],
    interrupted: [],
    executions: new Map(),
    top: [],
    changes: [],
    stops: [],
    events: 0,
    lastAt: null,
    head: null,
  };
  const open: Open = { commands: new Map(), changes: new Map(), stops: new Map() };
  let last: E.Event | null = null;
  for await (const event of events) {
    all.events++;
    all.lastAt = event.at;
    last = event;
    take(event, all, open);
  }
  // The journal writes each event by JSON.stringify, which gives the same line again for what was parsed from it.
  if (last !== null) all.head = createHash("sha256").update(JSON.stringify(last)).digest("hex");
  return all;
}

/** What waits for its counterpart. */
interface Open {
  readonly commands: Map<number, Execution["commands"][number]>;
  readonly changes: Map<number, Collected["changes"][number]>;
  readonly stops: Map<number, Collected["stops"][number]>;
}

function take(event: E.Event, all: Collected, open: Open): void {
  switch (event.type) {
    case "run-started":
      all.run = event;
      return;
    case "target-connected":
      all.connected.push(event);
      return;
    case "target-lost":
      all.lost.push(event);
      return;
    case "interrupted":
      all.interrupted.push(event);
      return;
    case "verdict":
      all.verdict = event;
      return;
    case "run-finished":
      all.end = event;
      return;
    case "step-started":
      execution(event, all).started = event;
      return;
    case "step-opened":
      execution(event, all).opened = event;
      return;
    case "step-finished":
      execution(event, all).finished = event;
      return;
    case "attempt-finished":
      execution(event, all).attempts.push(event);
      return;
    case "captured":
      execution(event, all).captured.push(event);
      return;
    case "expectation":
      execution(event, all).expectations.set(event.name, event);
      return;
    case "command-started": {
      const command = { started: event, finished: null };
      execution(event, all).commands.push(command);
      open.commands.set(event.command, command);
      return;
    }
    case "command-finished": {
      const command = open.commands.get(event.command);
      if (command !== undefined) command.finished = event;
      return;
    }
    case "change-announced": {
      const change = { announced: event, undone: null };
      all.changes.push(change);
      open.changes.set(event.change, change);
      return;
    }
    case "change-undone": {
      // A later attempt counts: `restore` may put back what the run could not.
      const change = open.changes.get(event.change);
      if (change !== undefined) change.undone = event;
      return;
    }
    case "process-stopped": {
      const stop = { stopped: event, resumed: null, times: 1 };
      all.stops.push(stop);
      open.stops.set(event.pid, stop);
      return;
    }
    case "process-passed": {
      const stopped = { ...event, type: "process-stopped" } as const;
      all.stops.push({ stopped, resumed: { ...event, type: "process-resumed" }, times: event.times });
      return;
    }
    case "process-resumed": {
      const stop = open.stops.get(event.pid);
      if (stop !== undefined) stop.resumed = event;
      open.stops.delete(event.pid);
      return;
    }
    case "mark-noted":
      return; // the step that starts from it says so
    default:
      event satisfies never;
  }
}

function execution(event: S.OfStep & { readonly at: string }, all: Collected): Execution {
  const known = all.executions.get(event.span);
  if (known !== undefined) return known;
  const { step, span, parent, iteration, attempt, at } = event;
  const fresh: Execution = {
    of: { step, span, parent, iteration, attempt },
    at,
    started: null,
    opened: null,
    finished: null,
    attempts: [],
    commands: [],
    captured: [],
    expectations: new Map(),
    children: [],
  };
  all.executions.set(span, fresh);
  const around = parent === null ? undefined : all.executions.get(parent);
  (around?.children ?? all.top).push(fresh);
  return fresh;
}
