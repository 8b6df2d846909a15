import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { open, readdir, readFile, rename } from "node:fs/promises";
import { join, resolve } from "node:path";
import { sha256OfFile } from "../util/sha256-file.js";
import { journalFile, manifestFile } from "./case-folder.js";
import { journalLines } from "./read.js";

/**
 * Writes `manifest.sha256` over the files of the case, in the format that `sha256sum -c` reads. Where there is one, what it says
 * stands, but for the files that are `written` now: made anew it would hide what was altered or added meanwhile.
 */
export async function writeManifest(folder: string, written: readonly string[]): Promise<void> {
  const before = await readManifest(folder);
  const listed = new Map(before === null ? [] : manifestEntries(before).listed);
  for (const { path, isFile } of await caseEntries(folder)) {
    if (isFile && (before === null || written.includes(path))) listed.set(path, await wholeHash(join(folder, path)));
  }
  const lines = [...listed]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([path, hash]) => `${hash}  ${path}\n`);
  const fresh = join(folder, `.${manifestFile}`);
  {
    await using file = await open(fresh, "w", 0o600);
    await file.writeFile(lines.join(""));
    // Else a crash of the machine may leave an empty one under the name, where the old one has gone.
    await file.datasync();
  }
  await rename(fresh, join(folder, manifestFile));
}

/** How a journal stands to the manifest: `grown` when events were appended since, `other` when it is another; `none`: there is no manifest. */
export async function journalSinceManifest(folder: string): Promise<"same" | "grown" | "other" | "none"> {
  const manifest = await readManifest(folder);
  if (manifest === null) return "none";
  const was = manifestEntries(manifest).listed.get(journalFile);
  if (was === (await wholeHash(join(folder, journalFile)))) return "same";
  const soFar = createHash("sha256");
  for await (const line of journalLines(folder)) {
    if (soFar.update(line).update("\n").copy().digest("hex") === was) return "grown";
  }
  return "other";
}

/** Hashes by path, and the lines, from 1, that are something else. */
export function manifestEntries(manifest: string): {
  readonly listed: ReadonlyMap<string, string>;
  readonly strange: readonly number[];
} {
  const listed = new Map<string, string>();
  const strange: number[] = [];
  for (const [index, line] of manifest.replace(/\n$/, "").split("\n").entries()) {
    const [, sha256, path] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? [];
    if (sha256 !== undefined && path !== undefined) listed.set(path, sha256);
    else strange.push(index + 1);
  }
  return { listed, strange };
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
