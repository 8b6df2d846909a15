import { stat } from "node:fs/promises";
import { join } from "node:path";
import { journalFile } from "../journal/case-folder.js";
import { UsageError } from "./usage-error.js";

/** Throws `UsageError` unless the folder is a case. `written` is how the command line names it. */
export async function assertCase(path: string, written: string): Promise<void> {
  try {
    if ((await stat(join(path, journalFile))).isFile()) return;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOTDIR" && code !== "EACCES") throw error;
  }
  throw new UsageError(
    `expected a case folder with a ${journalFile} that this user may read, found none at ${written}`,
  );
}
