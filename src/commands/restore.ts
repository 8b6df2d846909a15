import { rm } from "node:fs/promises";
import type { Command } from "commander";
import { createMasker } from "../engine/mask.js";
import { createCounters, createRecorder } from "../engine/recorder.js";
import { notPutBack, outstandingChanges, type Restored } from "../engine/restore.js";
import { journalFile } from "../journal/case-folder.js";
import { CaseInUse, lockCase, useOf } from "../journal/lock.js";
import { journalSinceManifest } from "../journal/manifest.js";
import { journalLines, parseEvent } from "../journal/read.js";
import { Journal, reserveOf } from "../journal/write.js";
import type { Event } from "../model/event.js";
import { redactReport } from "../report/redact/report.js";
import { quoteWord } from "../util/shell-quote.js";
import { visible, visibleLine } from "../util/visible.js";
import { tellAltered } from "./altered.js";
import { caseRefusal, findCase, type NamedCase } from "./case-argument.js";
import { exitCode } from "./exit-code.js";
import type { InputOptions } from "./inputs/given-inputs.js";
import { revealSecrets, secretsFor } from "./inputs/secrets-of-case.js";
import type { Io } from "./io.js";
import { addInputOptions } from "./options.js";
import { keptRedactions } from "./report-options.js";
import { restoreOn } from "./restoring/restore-on.js";
import { checkHost } from "./running/hosts.js";
import { takeInterruptions } from "./running/interruptions.js";
import { foldCase, formats, writeReport } from "./running/reports.js";
import { UsageError } from "./usage-error.js";

interface Options extends InputOptions {
  readonly host?: string;
}

export function define(command: Command): void {
  addInputOptions(command.argument("<case>", "a case folder, or its name in reports/")).option(
    "--host <url>",
    "where the host is reached now, if that has changed",
  );
}

/** Finishes putting back what a run that died had changed, from its journal alone. Safe to repeat. Exits 80 if something stays changed. */
export async function execute(io: Io, written: string, options: Options): Promise<number> {
  if (options.host !== undefined) await checkHost(options.host);
  const found = await findCase(io.cwd, written);
  try {
    await using _lock = await lockForRestoring(found.path);
    return await restoreCase(io, found, options);
  } catch (error) {
    if (error instanceof CaseInUse && (await isRun(found.path, error.pid))) {
      throw new UsageError(
        `the run of ${found.typed} is still going on (${error.holder}), and puts back by itself; ${error.remedy}`,
      );
    }
    const refusal = caseRefusal(found.typed, error);
    if (refusal === error || error instanceof CaseInUse || !(refusal instanceof UsageError)) throw refusal;
    const left = outstandingChanges((await readEvents(found.path)).events);
    if (left.length === 0) throw refusal;
    return tell(io, notPutBack(left, refusal.message), found.typed, options);
  }
}

/** Whether a process is the one that runs the case; another may be putting back, too. */
async function isRun(path: string, pid: number): Promise<boolean> {
  const { events } = await readEvents(path);
  return events.some((event) => event.type === "run-started" && event.pid === pid);
}

/** On a full disk the lock takes the space that the run which died kept free for its end. */
async function lockForRestoring(path: string): Promise<AsyncDisposable> {
  try {
    return await lockCase(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if ((code !== "ENOSPC" && code !== "EDQUOT") || (await useOf(path)) !== null) throw error;
    await rm(reserveOf(path), { force: true });
    return await lockCase(path);
  }
}

async function restoreCase(io: Io, { path, typed }: NamedCase, options: Options): Promise<number> {
  const { events, unreadable } = await readEvents(path);
  if (unreadable > 0) {
    const lines =
      unreadable === 1 ? "1 line of the journal is no event" : `${unreadable} lines of the journal are no events`;
    io.stderr.write(`casebook: ${lines}: what was announced there is not known\n`);
  }
  const changes = outstandingChanges(events);
  const secrets = await secretsFor(io, options, changes, events);
  const over = events.some(
    (event) => event.type === "run-finished" || (event.type === "interrupted" && event.by === "restore"),
  );
  const altered = await tellAltered(io, { path, typed });
  const since = await journalSinceManifest(path);
  if (over && changes.length === 0 && since !== "none" && since !== "grown") return tell(io, [], typed, options);

  const ends = "what is being put back is finished, and what is left is told";
  using interruptions = takeInterruptions(io, { ends, changes, command: restoreCommand(typed, options) });
  const journal = Journal.reopen(path, io.now);
  const recorder = createRecorder(journal, createMasker(secrets), [interruptions.watch], () => {});
  const { signal } = interruptions;
  const counters = createCounters(lastCommand(events));
  const restored: Restored[] = [];
  let unflushed: Error | null = null;
  try {
    if (!over) recorder.emit({ type: "interrupted", by: "restore" });
    for (const host of new Set(changes.map((change) => change.host))) {
      const here = changes.filter((change) => change.host === host).map((change) => revealSecrets(change, secrets));
      const hostname = hostnameOf(events, host);
      const place = { path, url: options.host ?? null, host, hostname };
      restored.push(...(await restoreOn(place, here, { recorder, counters, now: io.now, signal })));
    }
  } finally {
    unflushed = journal.close();
  }
  const written = since === "other" ? [] : [journalFile];
  const code = await conclude(io, typed, recorder.lost() ?? unflushed, async () => {
    const { redactions } = await keptRedactions(io, { path, typed });
    const report = redactReport(await foldCase(path, altered), redactions);
    await writeReport(path, report, formats, null, written);
  });
  const bug = interruptions.bug();
  if (bug !== null) io.reportBug(bug, typed);
  const told = tell(io, restored, typed, options);
  if (told !== exitCode.ok) return told;
  return bug === null ? code : exitCode.bug;
}

/** All events, also those after a line that is none: what they announce must be put back all the same. */
async function readEvents(path: string): Promise<{ readonly events: readonly Event[]; readonly unreadable: number }> {
  const events: Event[] = [];
  let unreadable = 0;
  let torn = 0;
  for await (const line of journalLines(path)) {
    const event = parseEvent(line);
    if (event === null) torn++;
    else {
      unreadable += torn;
      torn = 0;
      events.push(event);
    }
  }
  return { events, unreadable };
}

/** The name that a machine had when the run connected to it; null when the run died before. */
const hostnameOf = (events: readonly Event[], host: string): string | null => {
  const connected = events.find((event) => event.type === "target-connected" && event.host === host);
  return connected?.type === "target-connected" ? connected.facts.hostname : null;
};

const lastCommand = (events: readonly Event[]): number =>
  events.reduce((last, event) => (event.type === "command-started" ? Math.max(last, event.command) : last), 0);

/** The reports and the manifest. That they cannot be written does not change what was put back. */
async function conclude(io: Io, typed: string, lost: Error | null, write: () => Promise<void>): Promise<number> {
  if (lost !== null) io.stderr.write(`casebook: the journal lacks events: ${visible(lost.message)}\n`);
  try {
    await write();
    return lost === null ? exitCode.ok : exitCode.failed;
  } catch (error) {
    if (!(error instanceof UsageError) && (error as NodeJS.ErrnoException).code === undefined) {
      io.reportBug(error, typed);
      return exitCode.bug;
    }
    io.stderr.write(`casebook: the reports are not written: ${visible((error as Error).message)}\n`);
    return exitCode.failed;
  }
}

function tell(io: Io, restored: readonly Restored[], typed: string, options: Options): number {
  if (restored.length === 0) io.stdout.write("Nothing was left to put back.\n");
  for (const { change, undone } of restored) io.stdout.write(`${visibleLine(`${change.what}: ${outcome(undone)}`)}\n`);
  if (!restored.some(({ undone }) => undone.state === "cannot")) return exitCode.ok;
  io.stdout.write(restoreCommand(typed, options));
  return exitCode.notRestored;
}

function restoreCommand(typed: string, { host }: Options): string {
  const where = host === undefined ? "" : ` --host ${quoteWord(host)}`;
  return `casebook restore ${quoteWord(typed)}${where}\n`;
}

function outcome(undone: Restored["undone"]): string {
  switch (undone.state) {
    case "undone":
      return `put back: ${undone.how}`;
    case "was-undone":
      return `was put back already: ${undone.how}`;
    case "cannot":
      return `NOT put back: ${undone.why}`;
    default:
      return undone satisfies never;
  }
}
