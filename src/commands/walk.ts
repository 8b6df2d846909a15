import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { resolve } from "node:path";
import { unreadable } from "./unreadable.js";
import { UsageError } from "./usage-error.js";

/** A tree of symbolic links or of packages is not walked. */
const deepest = 8;

/** Whether a command that looks through a folder goes into this one as well. */
export const isWalked = (entry: Dirent, depth: number): boolean =>
  entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== "node_modules" && depth < deepest;

/** What a folder holds, by name. One below the first (`depth` 0) that may not be read holds nothing. Throws `UsageError`. */
export async function entriesOf(cwd: string, dir: string, depth: number): Promise<readonly Dirent[]> {
  try {
    const entries = await readdir(resolve(cwd, dir), { withFileTypes: true });
    return entries.sort((left, right) => (left.name < right.name ? -1 : 1));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (depth > 0 && (code === "EACCES" || code === "ENOENT")) return [];
    if (code === "ENOTDIR") throw new UsageError(`expected a folder, found a file: ${dir}`);
    if (code === "ENOENT" && depth === 0) throw new UsageError(`expected a folder, found nothing at ${dir}`);
    throw unreadable(dir, error);
  }
}
