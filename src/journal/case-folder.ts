import { constants } from "node:fs";
import { access, chmod, mkdir, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Where the files of a case are. */
export interface CaseFolder {
  /** Absolute. */
  readonly path: string;
  /** The folder's own name. */
  readonly name: string;
}

export const journalFile = "journal.ndjson";
export const runbookFile = "runbook.yaml";
/** Of the runbooks that the one which ran uses. */
export const usedFolder = "used";
/** What the reports leave out, as it was given. */
export const redactionsFile = "redact.yaml";
export const manifestFile = "manifest.sha256";
export const evidenceFolder = "evidence";

/** `20261123T231502Z`: sorts by time and stands in a file name. */
export const stamp = (time: Date): string =>
  time
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replace(/[-:]/g, "");

/** Text made fit for a file name: lower-case letters, digits and single dashes. */
export const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60) || "runbook";

/**
 * Makes a case folder of mode 0700: `out` as it is (it must be absent or empty), else the first free
 * `reports/<stamp>-<name>`. Rejects with a node system error, or `ENOTEMPTY` for an `out` that holds something.
 */
export async function createCaseFolder(
  where: { readonly out: string } | { readonly parent: string; readonly name: string; readonly now: Date },
): Promise<CaseFolder> {
  const path =
    "out" in where ? await claim(where.out) : await firstFree(where.parent, `${stamp(where.now)}-${where.name}`);
  await mkdir(join(path, evidenceFolder), { mode: 0o700, recursive: true });
  return { path, name: path.slice(dirname(path).length + 1) };
}

async function claim(out: string): Promise<string> {
  await makeFolders(out);
  const held = await readdir(out);
  if (held.length > 0) throw Object.assign(new Error(`${out} is not empty`), { code: "ENOTEMPTY" });
  await access(out, constants.W_OK);
  await chmod(out, 0o700);
  return out;
}

/** Like `mkdir -p`; node's own never returns where a file system such as /proc answers ENOENT for a parent that exists. */
async function makeFolders(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || dirname(path) === path) throw error;
    await makeFolders(dirname(path));
    await mkdir(path, { mode: 0o700 });
  }
}

async function firstFree(parent: string, name: string): Promise<string> {
  await makeFolders(parent);
  for (let count = 1; ; count++) {
    const path = join(parent, count === 1 ? name : `${name}-${count}`);
    try {
      await mkdir(path, { mode: 0o700 });
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}
