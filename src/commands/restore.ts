import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { createMasker } from "../engine/mask.js";
import { createRecorder } from "../engine/recorder.js";
import { outstandingChanges, type Restored, restore } from "../engine/restore.js";
import { CaseInUse, lockCase } from "../journal/lock.js";
import { readJournal } from "../journal/read.js";
import { Journal } from "../journal/write.js";
import type { ChangeAnnounced, Event } from "../model/event.js";
import { kinds } from "../steps/index.js";
import { connectTarget } from "../targets/index.js";
import { assertCase } from "./case-argument.js";
import { exitCode } from "./exit-code.js";
import type { Io } from "./io.js";
import { formats, writeReports } from "./reports.js";
import { UsageError } from "./usage-error.js";

interface Options {
  readonly host?: string;
}

export function define(command: Command): void {
  command
    .argument("<case>", "a case folder")
    .option("--host <url>", "where the host is reached now, if that has changed");
}

/** Finishes putting back what a run that died had changed, from its journal alone. Safe to repeat. Exits 80 if something stays changed. */
export async function execute(io: Io, folder: string, options: Options): Promise<number> {
  const path = resolve(io.cwd, folder);
  await assertCase(path, folder);
  try {
    await using _lock = await lockCase(path);
    return await restoreCase(io, path, folder, options);
  } catch (error) {
    if (!(error instanceof CaseInUse)) throw error;
    throw new UsageError(
      `the run of ${folder} is still going on (process ${error.pid}); end it first, it puts back by itself`,
    );
  }
}

async function restoreCase(io: Io, path: string, folder: string, options: Options): Promise<number> {
  const events: Event[] = [];
  for await (const event of readJournal(path)) events.push(event);
  const changes = outstandingChanges(events);
  const journal = Journal.reopen(path, io.now);
  const restored: Restored[] = [];
  try {
    const recorder = createRecorder(journal, createMasker(new Map()), [], () => {});
    if (!events.some((event) => event.type === "run-finished")) recorder.emit({ type: "interrupted", by: "restore" });
    for (const host of new Set(changes.map((change) => change.host))) {
      const here = changes.filter((change) => change.host === host);
      restored.push(...(await restoreOn(io, path, options.host ?? host, here, recorder)));
    }
  } finally {
    journal.close();
  }
  await writeReports(path, formats, null);
  return tell(io, restored, folder);
}

async function restoreOn(
  io: Io,
  path: string,
  host: string,
  changes: readonly ChangeAnnounced[],
  recorder: Parameters<typeof restore>[3],
): Promise<readonly Restored[]> {
  const scratch = join(path, ".scratch");
  await mkdir(scratch, { mode: 0o700, recursive: true });
  try {
    await using target = await connectTarget(host, { signal: AbortSignal.timeout(30_000), scratch });
    return await restore(changes, kinds, target, recorder, io.now);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function tell(io: Io, restored: readonly Restored[], folder: string): number {
  if (restored.length === 0) io.stdout.write("Nothing was left to put back.\n");
  for (const { change, undone } of restored) {
    const outcome = undone.state === "cannot" ? `could not be put back: ${undone.why}` : `put back: ${undone.how}`;
    io.stdout.write(`${change.what}: ${outcome}\n`);
  }
  if (!restored.some(({ undone }) => undone.state === "cannot")) return exitCode.ok;
  io.stdout.write(`casebook restore ${folder}\n`);
  return exitCode.notRestored;
}
