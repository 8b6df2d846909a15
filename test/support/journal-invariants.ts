import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Event } from "../../src/model/event.js";
import type { ChangeAnnounced, OfStep } from "../../src/model/step-event.js";

/** What does not hold of a whole case, from its journal and its evidence alone: a sentence each. */
export const brokenInvariants = (
  folder: string,
  events: readonly Event[],
  exitCode: number | null,
): readonly string[] => [
  ...brokenNesting(events),
  ...brokenChanges(events),
  ...brokenCommands(events),
  ...brokenEvidence(folder, events),
  ...brokenEnd(events, exitCode),
];

/** Steps do not overlap: each that starts is finished once, the innermost first, and nothing of it comes outside. */
function brokenNesting(events: readonly Event[]): readonly string[] {
  const broken: string[] = [];
  const open: OfStep[] = [];
  const spans = new Set<string>();
  for (const event of events) {
    if (!("span" in event)) continue;
    const innermost = open.at(-1) ?? null;
    const where = `event ${event.seq}, ${event.type} of ${event.step} (${event.span})`;
    if (event.type === "step-started" || (event.type === "step-finished" && event.outcome === "skipped")) {
      if (spans.has(event.span) && innermost?.span !== event.span) broken.push(`${where}: its span was used before`);
      if (event.type === "step-started" && event.parent !== (innermost?.span ?? null)) {
        broken.push(`${where}: its parent is ${event.parent}, but ${innermost?.span} is open`);
      }
    }
    if (event.type === "step-started") open.push(event);
    else if (!open.some(({ span }) => span === event.span) && !isAlone(event)) broken.push(`${where}: is not open`);
    if (event.type === "step-finished" && !isAlone(event)) {
      if (innermost?.span !== event.span) broken.push(`${where}: ${innermost?.span} is open within it`);
      open.splice(open.findIndex(({ span }) => span === event.span));
    }
    spans.add(event.span);
  }
  for (const { step, span } of open) broken.push(`${step} (${span}) was started and never finished`);
  return broken;
}

/** A step that is skipped, or whose condition cannot be evaluated, is finished without having been started. */
const isAlone = (event: Event): boolean =>
  event.type === "step-finished" && (event.outcome === "skipped" || event.reason?.startsWith("when: ") === true);

/** Each change is undone once, the last first, before its step is finished. */
function brokenChanges(events: readonly Event[]): readonly string[] {
  const broken: string[] = [];
  const open: ChangeAnnounced[] = [];
  for (const event of events) {
    if (event.type === "change-announced") open.push(event);
    if (event.type === "change-undone") {
      const last = open.pop();
      if (last?.change !== event.change)
        broken.push(`event ${event.seq}: change ${event.change} before ${last?.change}`);
      if (event.state === "cannot") broken.push(`event ${event.seq}: change ${event.change} could not be put back`);
    }
    if (event.type === "step-finished") {
      for (const { change, span } of open) {
        if (span === event.span) broken.push(`event ${event.seq}: finished before change ${change} was undone`);
      }
    }
  }
  return [...broken, ...open.map(({ change, what }) => `change ${change} was never undone: ${what}`)];
}

function brokenCommands(events: readonly Event[]): readonly string[] {
  const open = new Map<number, string>();
  const broken: string[] = [];
  for (const event of events) {
    if (event.type === "command-started") open.set(event.command, event.argv.join(" "));
    if (event.type === "command-finished" && !open.delete(event.command)) {
      broken.push(`event ${event.seq}: command ${event.command} is not open`);
    }
  }
  return [...broken, ...[...open].map(([command, text]) => `command ${command} has no end: ${text}`)];
}

/** Every file is told of once and is what was told. */
function brokenEvidence(folder: string, events: readonly Event[]): readonly string[] {
  const broken: string[] = [];
  const left = new Set(readdirSync(join(folder, "evidence")).map((name) => `evidence/${name}`));
  for (const event of events) {
    if (event.type !== "captured") continue;
    const { path, sha256, bytes } = event.evidence;
    if (!left.delete(path)) broken.push(`event ${event.seq}: ${path} is not there, or was captured before`);
    else if (bytes === 0) broken.push(`event ${event.seq}: ${path} holds nothing`);
    else {
      const content = readFileSync(join(folder, path));
      const same = content.length === bytes && createHash("sha256").update(content).digest("hex") === sha256;
      if (!same) broken.push(`event ${event.seq}: ${path} is not what was captured`);
    }
  }
  return [...broken, ...[...left].map((path) => `no event tells of ${path}`)];
}

function brokenEnd(events: readonly Event[], exitCode: number | null): readonly string[] {
  const last = events.at(-1);
  if (last?.type !== "run-finished") return [`the last event is ${last?.type}`];
  const interrupted = events.some(({ type }) => type === "interrupted");
  return [
    ...(last.exit_code === exitCode ? [] : [`the exit code is ${exitCode}, in the journal ${last.exit_code}`]),
    ...((last.exit_code === 130) === interrupted
      ? []
      : [`exit code ${last.exit_code}, but interrupted is ${interrupted}`]),
  ];
}
