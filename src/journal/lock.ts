import { link, readFile, rename, rm, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Holder, lifeOf, ownHolder, placeOf } from "./holder.js";

/** A case that another casebook is working on, or may be, where that cannot be seen from here. */
export class CaseInUse extends Error {
  override readonly name = "CaseInUse";
  readonly pid: number;
  /** The process, and where it is: `process 12`, `process 12 on another machine, web1`. */
  readonly holder: string;
  /** What to do about it: a clause. */
  readonly remedy: string;

  /** @param unseen whether it lives is not known */
  constructor(holder: Holder, unseen: boolean, path: string) {
    const who = `process ${holder.pid}${unseen ? ` ${placeOf(holder)}` : ""}`;
    super(`the case is in use by ${who}`);
    this.pid = holder.pid;
    this.holder = who;
    this.remedy = unseen
      ? `whether that still lives cannot be seen from here: end it there first, or, when it has gone for certain, remove ${path}`
      : "end it first, or wait for its end";
  }
}

const lockOf = (folder: string): string => join(folder, ".lock");

/**
 * Takes the case for writing. A lock whose holder has gone for certain (killed, its machine booted again) is taken over. Rejects with
 * `CaseInUse`. Disposal gives it back.
 */
export async function lockCase(folder: string): Promise<AsyncDisposable> {
  const path = lockOf(folder);
  const fresh = join(folder, `.lock-${process.pid}`);
  await writeFile(fresh, JSON.stringify(ownHolder()), { mode: 0o600 });
  try {
    while (!(await claimed(fresh, path))) {
      const use = inUse(await readHolder(path), path);
      if (use !== null) throw use;
      await removeStale(path, `${fresh}-stale`);
    }
  } finally {
    await unlink(fresh);
  }
  return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
}

/** Moved aside it is looked at once more: somebody else may have found the same holder gone, and have taken the case meanwhile. */
async function removeStale(path: string, aside: string): Promise<void> {
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  if (inUse(await readHolder(aside), path) !== null) await claimed(aside, path);
  await unlink(aside);
}

/** Who works on a case, or may; null: nobody. */
export async function useOf(folder: string): Promise<CaseInUse | null> {
  const path = lockOf(folder);
  return inUse(await readHolder(path), path);
}

function inUse(holder: Holder | null, path: string): CaseInUse | null {
  const life = holder === null ? "gone" : lifeOf(holder);
  return holder === null || life === "gone" ? null : new CaseInUse(holder, life === "unseen", path);
}

/** A link is made whole or not at all, so a lock never lacks its holder. */
async function claimed(fresh: string, path: string): Promise<boolean> {
  try {
    await link(fresh, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function readHolder(path: string): Promise<Holder | null> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Holder; // written by `lockCase` alone
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
