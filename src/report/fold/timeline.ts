import type { Interrupted } from "../../model/event.js";
import type { HostState, TimelineEntry } from "../../model/report.js";
import type { ReportStep } from "../../model/report-step.js";
import type { Collected } from "./collect.js";

/** What happened, in the order of time: steps at their start, changes, standing still, the verdict, the end. */
export function timelineOf(
  collected: Collected,
  epoch: number,
  steps: readonly ReportStep[],
  host: HostState,
): readonly TimelineEntry[] {
  const entries: TimelineEntry[] = [];
  const nothing = {
    title: null,
    detail: null,
    milliseconds: null,
    status: null,
    depth: 0,
    anchor: null,
    evidence: null,
  };
  const add = (
    at: string,
    entry: Omit<TimelineEntry, "at" | "offset" | keyof typeof nothing> & Partial<TimelineEntry>,
  ) => entries.push({ ...nothing, at, offset: Date.parse(at) - epoch, ...entry });

  const { run, verdict, end } = collected;
  if (run !== null) add(run.at, { type: "run", text: "the run starts", detail: run.runbook.file });
  for (const { at, host, facts } of collected.connected) {
    add(at, {
      type: "target",
      text: "connected to",
      detail: `${host} (${facts.hostname})`,
      anchor: "environment",
    });
  }
  for (const { at, host, why } of collected.lost) {
    add(at, { type: "target", text: "connection lost", detail: `${host}: ${why}` });
  }
  for (const step of walk(steps)) {
    if (step.started_at === null || step.kind === "note") continue;
    const { milliseconds, status, depth, anchor } = step;
    const evidence = step.evidence[0] ?? null;
    const text = step.iteration === null ? step.number : `${step.number} (round ${step.iteration})`;
    add(step.started_at, { type: "step", text, title: step.title, milliseconds, status, depth, anchor, evidence });
  }
  for (const change of host.changes) {
    const { anchor } = change;
    add(change.announced_at, { type: "change", text: "change announced", detail: change.what, anchor });
    if (change.undone_at === null) continue;
    const detail = change.how ?? change.undo;
    add(change.undone_at, { type: "undo", text: undone[change.state], detail, anchor });
  }
  for (const { at, pid, why, milliseconds, anchor } of host.standstills) {
    add(at, { type: "stopped", text: `process ${pid} stands still`, detail: why, milliseconds, anchor });
  }
  for (const { at, by } of collected.interrupted) add(at, { type: "interrupted", text: interruptions[by] });
  if (verdict !== null) {
    add(verdict.at, { type: "verdict", text: "verdict", detail: verdict.answer, anchor: "verdict" });
  }
  if (end !== null) {
    add(end.at, { type: "end", text: `the run ends: ${end.status.replace("-", " ")}`, milliseconds: end.milliseconds });
  } else if (collected.lastAt !== null) {
    add(collected.lastAt, { type: "end", text: "the journal ends without an end of the run" });
  }
  return entries
    .map((entry, index) => ({ entry, index }))
    .sort(byTime)
    .map(({ entry }) => entry);
}

const interruptions: Readonly<Record<Interrupted["by"], string>> = {
  INT: "interrupted by SIGINT",
  TERM: "interrupted by SIGTERM",
  HUP: "interrupted by SIGHUP",
  timeout: "the time of the run is used up",
  restore: "casebook restore begins to put back what was left",
};

const undone = {
  undone: "put back",
  "was-undone": "was put back already",
  cannot: "could not be put back",
  pending: "not put back",
} as const;

/** Equal times keep the order in which they were added, but the end stays last. */
function byTime(a: { entry: TimelineEntry; index: number }, b: { entry: TimelineEntry; index: number }): number {
  const ends = Number(a.entry.type === "end") - Number(b.entry.type === "end");
  return a.entry.offset - b.entry.offset || ends || a.index - b.index;
}

/** All steps and rounds, depth first. */
export function* walk(steps: readonly ReportStep[]): Iterable<ReportStep> {
  for (const step of steps) {
    yield step;
    yield* walk(step.rounds);
    yield* walk(step.during);
  }
}
