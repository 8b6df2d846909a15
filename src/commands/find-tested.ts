import { stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { journalFile } from "../journal/case-folder.js";
import { entriesOf, isWalked } from "./walk.js";

/** The folders below one that are cases, in the order of their names, as one would type them. */
export async function* casesBelow(cwd: string, dir: string, depth = 0): AsyncGenerator<string> {
  const entries = await entriesOf(cwd, dir, depth);
  if (entries.some(({ name }) => name === journalFile)) {
    yield dir;
    return;
  }
  for (const entry of entries) {
    if (isWalked(entry, depth)) yield* casesBelow(cwd, dir === "." ? entry.name : join(dir, entry.name), depth + 1);
  }
}

/**
 * The runbook that a case is to be tested with: the file of the name that ran, in the nearest folder around the case, or where it was
 * then, seen from there. null: there is none.
 */
export async function runbookFor(cwd: string, found: string, ran: string): Promise<string | null> {
  for (let dir = dirname(found); ; dir = dirname(dir)) {
    for (const name of new Set([basename(ran), ran])) {
      const file = join(dir, name);
      if (await isFile(resolve(cwd, file))) return file;
    }
    if (dirname(dir) === dir) return null;
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOTDIR" && code !== "EACCES") throw error;
    return false;
  }
}
