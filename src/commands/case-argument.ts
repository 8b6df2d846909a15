import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { journalFile } from "../journal/case-folder.js";
import { CaseInUse } from "../journal/lock.js";
import { UsageError } from "./usage-error.js";

/** The folder in which `run` makes cases, below the one where casebook runs. */
export const reportsFolder = "reports";

/** A case that exists. */
export interface NamedCase {
  /** Absolute. */
  readonly path: string;
  /** As one would type it where casebook runs. */
  readonly typed: string;
}

/**
 * The case that a command line names: its folder, or the bare name of one in `reports/`. Throws `UsageError` when there is none.
 *
 * @param marks files of which one tells a case
 */
export async function findCase(
  cwd: string,
  written: string,
  marks: readonly string[] = [journalFile],
): Promise<NamedCase> {
  const places = written.includes("/") ? [written] : [written, join(reportsFolder, written)];
  for (const typed of places) {
    const path = resolve(cwd, typed);
    for (const mark of marks) if (await isFile(join(path, mark))) return { path, typed };
  }
  throw new UsageError(
    `expected a case folder with a ${marks.join(" or ")} that this user may read, found none at ${places.join(" or ")}`,
  );
}

async function isFile(path: string): Promise<boolean> {
  try {
    await access(path, constants.R_OK);
    return (await stat(path)).isFile();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOTDIR" && code !== "EACCES") throw error;
    return false;
  }
}

/** The usage error for a case that cannot be written; a bug stays what it is. */
export function caseRefusal(typed: string, error: unknown): unknown {
  if (error instanceof CaseInUse) return new UsageError(`${typed} is in use by ${error.holder}; ${error.remedy}`);
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === "EACCES" || code === "EPERM") {
    return new UsageError(`this user may not read or write ${path ?? `all of ${typed}`} (${code})`);
  }
  const cannot = code === "EROFS" || code === "ENOSPC" || code === "EDQUOT";
  return cannot ? new UsageError(`the case ${typed} cannot be written (${code})`) : error;
}
