import { realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve } from "node:path";
import type { Result } from "../model/diagnostic.js";
import type { Runbook } from "../model/runbook.js";
import type { OpenedFile, RunbookFiles } from "../runbook/runbook-files.js";
import { UsageError } from "./usage-error.js";

/** What came of loading a runbook. */
interface LoadedWithUsed {
  readonly loaded: Result<Runbook>;
  /** All that it uses, to load it again. */
  readonly files: RunbookFiles;
  /** The texts of what it uses, by file. */
  readonly texts: ReadonlyMap<string, string>;
}

/** A runbook that is to be loaded. */
export interface Place {
  readonly cwd: string;
  readonly file: string;
  /** Reads a file, or throws `UsageError`. */
  readonly read: (file: string) => Promise<Buffer>;
}

/** Loads a runbook again and again, each time with what it was found to use, until all of that was read. */
export async function loadWithUsed(
  { cwd, file, read }: Place,
  load: (files: RunbookFiles, texts: readonly string[]) => Promise<Result<Runbook>>,
): Promise<LoadedWithUsed> {
  const known = new Map<string, OpenedFile>();
  const identity = await identityOf(cwd, file);
  for (;;) {
    const wanted = new Set<string>();
    const files: RunbookFiles = {
      identity,
      open(path, from) {
        const used = isAbsolute(path) ? path : join(dirname(from), path);
        const opened = known.get(used);
        if (opened === undefined) wanted.add(used);
        return opened ?? null;
      },
    };
    const texts = textsOf(known);
    const loaded = await load(files, [...texts.values()]);
    if (wanted.size === 0) return { loaded, files, texts };
    for (const used of wanted) known.set(used, await open(cwd, used, read));
  }
}

async function open(cwd: string, file: string, read: (file: string) => Promise<Buffer>): Promise<OpenedFile> {
  try {
    const bytes = await read(file);
    const text = bytes.toString("utf8");
    if (!Buffer.from(text).equals(bytes))
      return { ok: false, message: `expected a text in UTF-8; ${file} holds bytes that are none` };
    return { ok: true, file, identity: await identityOf(cwd, file), text };
  } catch (error) {
    if (error instanceof UsageError) return { ok: false, message: error.message };
    throw error;
  }
}

/** The same file by another way is the same runbook. */
async function identityOf(cwd: string, file: string): Promise<string> {
  const path = resolve(cwd, file);
  try {
    return await realpath(path);
  } catch (error) {
    // A pipe has been read and has no path any more.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return path;
  }
}

const textsOf = (files: ReadonlyMap<string, OpenedFile>): ReadonlyMap<string, string> =>
  new Map([...files].flatMap(([file, opened]) => (opened.ok ? [[file, opened.text] as const] : [])));
