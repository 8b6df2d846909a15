import { createHash } from "node:crypto";
import { createEvidenceStore } from "../engine/evidence-store.js";
import { createMasker } from "../engine/mask.js";
import { type Recording, recordingOf } from "../engine/recording.js";
import { outstandingChanges } from "../engine/restore.js";
import { useOf } from "../journal/lock.js";
import { journalSinceManifest } from "../journal/manifest.js";
import { journalLines, parseEvent } from "../journal/read.js";
import { genesis } from "../journal/write.js";
import type { Event, RunStarted, TargetConnected } from "../model/event.js";
import type { EvidenceReader } from "../model/evidence.js";
import type { ChangeAnnounced } from "../model/step-event.js";
import { caseRefusal, findCase } from "./case-argument.js";
import { UsageError } from "./usage-error.js";

/** A case of which a later run takes observations. */
export interface RecordedCase {
  /** Absolute. */
  readonly path: string;
  /** As one would type it where casebook runs. */
  readonly typed: string;
  /** SHA-256 of the last line of its journal. */
  readonly head: string;
  readonly started: RunStarted & { readonly at: string };
  /** The host that it looked at. */
  readonly connected: TargetConnected;
  readonly recording: Recording;
  readonly evidence: EvidenceReader;
  /** What it changed and has not put back. */
  readonly outstanding: readonly ChangeAnnounced[];
}

/** Reads the case that a command line names. Throws `UsageError` when there is none that can be taken from. */
export async function readRecordedCase(cwd: string, written: string): Promise<RecordedCase> {
  const { path, typed } = await findCase(cwd, written);
  const use = await useOf(path);
  if (use !== null) throw new UsageError(`the run of ${typed} is still going on (${use.holder}); ${use.remedy}`);
  const { events, head } = await chainedEvents(path, typed).catch((error: unknown) => {
    throw caseRefusal(typed, error);
  });
  const started = events.find((event) => event.type === "run-started");
  const connected = events.find((event) => event.type === "target-connected");
  if (started === undefined || connected === undefined) {
    throw new UsageError(`${typed} ended before it was connected to a host: it recorded nothing`);
  }
  const evidence = createEvidenceStore(path, createMasker(new Map()));
  return {
    path,
    typed,
    head,
    started,
    connected,
    recording: recordingOf(events),
    evidence,
    outstanding: outstandingChanges(events),
  };
}

const notAsWritten = (typed: string): UsageError =>
  new UsageError(`${typed} is not as it was written, and proves nothing: see casebook verify`);

/** The journal's events up to a line that a crash has torn. What is not chained was not observed. */
async function chainedEvents(path: string, typed: string) {
  const events: Event[] = [];
  let head = genesis;
  for await (const line of journalLines(path)) {
    const event = parseEvent(line);
    if (event === null) break;
    if (event.prev !== head) throw notAsWritten(typed);
    events.push(event);
    head = createHash("sha256").update(line).digest("hex");
  }
  // One that was cut gives what it has: that is chained.
  const over = events.some(({ type }) => type === "run-finished");
  if (over && (await journalSinceManifest(path)) === "other") throw notAsWritten(typed);
  return { events, head };
}
