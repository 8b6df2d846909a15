import { constants } from "node:fs";
import { access, chmod, mkdir, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { syncFolder } from "../util/sync-folder.js";

/** Where the files of a case are. */
export interface CaseFolder {
  /** Absolute. */
  readonly path: string;
  /** The folder's own name. */
  readonly name: string;
  /** It was there, empty, before it became a case. */
  readonly existed: boolean;
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
  const { path, existed } =
    "out" in where ? await claim(where.out) : await firstFree(where.parent, `${stamp(where.now)}-${where.name}`);
  await mkdir(join(path, evidenceFolder), { mode: 0o700, recursive: true });
  return { path, name: path.slice(dirname(path).length + 1), existed };
}

/** Takes away a case in which nothing ran; a folder that was there before stays, empty. */
export async function removeCaseFolder({ path, existed }: CaseFolder): Promise<void> {
  const gone = existed ? (await readdir(path)).map((name) => join(path, name)) : [path];
  for (const one of gone) await rm(one, { recursive: true, force: true });
}

type Made = Pick<CaseFolder, "path" | "existed">;

async function claim(out: string): Promise<Made> {
  const existed = !(await makeFolders(out));
  const held = await readdir(out);
  if (held.length > 0) throw Object.assign(new Error(`${out} is not empty`), { code: "ENOTEMPTY" });
  await access(out, constants.W_OK);
  await chmod(out, 0o700);
  return { path: out, existed };
}

/** Like `mkdir -p`, and whether there was something to make; node's own never returns where a file system such as /proc answers ENOENT for a parent that exists. */
async function makeFolders(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    if (code !== "ENOENT" || dirname(path) === path) throw error;
    await makeFolders(dirname(path));
    syncFolder(dirname(dirname(path)));
    await mkdir(path, { mode: 0o700 });
    return true;
  }
}

async function firstFree(parent: string, name: string): Promise<Made> {
  if (await makeFolders(parent)) syncFolder(dirname(parent));
  for (let count = 1; ; count++) {
    const path = join(parent, count === 1 ? name : `${name}-${count}`);
    try {
      await mkdir(path, { mode: 0o700 });
      return { path, existed: false };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}
