import { statSync } from "node:fs";
import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { sha256OfFile } from "../util/sha256-file.js";
import { journalFile, manifestFile } from "./case-folder.js";

/** Writes `manifest.sha256` over every file of the case, in the format that `sha256sum -c` reads. */
export async function writeManifest(folder: string): Promise<void> {
  const lines: string[] = [];
  for (const { path, isFile } of await caseEntries(folder)) {
    if (isFile) lines.push(`${await wholeHash(join(folder, path))}  ${path}\n`);
  }
  const fresh = join(folder, `.${manifestFile}`);
  await writeFile(fresh, lines.join(""), { mode: 0o600 });
  await rename(fresh, join(folder, manifestFile));
}

/** Whether the manifest has the journal as it is: nothing was appended since. */
export async function manifestIsCurrent(folder: string): Promise<boolean> {
  const manifest = await readManifest(folder);
  return manifest?.includes(`${await wholeHash(join(folder, journalFile))}  ${journalFile}\n`) ?? false;
}

/** null when there is none. */
export async function readManifest(folder: string): Promise<string | null> {
  try {
    return await readFile(join(folder, manifestFile), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** Something in a case folder that is no folder; what is not a file (a link, a pipe) casebook did not put there. */
interface CaseEntry {
  /** Relative to the case. */
  readonly path: string;
  readonly isFile: boolean;
}

/** All but the manifest and what is hidden or in a hidden folder, sorted by path. */
export async function caseEntries(folder: string): Promise<readonly CaseEntry[]> {
  const root = resolve(folder);
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => ({ path: join(entry.parentPath.slice(root.length + 1), entry.name), isFile: entry.isFile() }))
    .filter(({ path }) => path !== manifestFile && !path.split("/").some((part) => part.startsWith(".")))
    .sort((left, right) => (left.path < right.path ? -1 : 1));
}

/** The SHA-256 of a whole file, in hex. Rejects with a node system error. */
export const wholeHash = async (path: string): Promise<string> => sha256OfFile(path, statSync(path).size);
