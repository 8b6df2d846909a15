import { rm } from "node:fs/promises";
import { CaseInUse, lockCase } from "../../journal/lock.js";
import { verifyCase } from "../../journal/verify.js";

/** The cases that a watch has made. */
export interface KeptCases {
  /** Takes in one more, and lets go of the oldest. */
  add(path: string): Promise<void>;
}

/** Keeps the newest `limit`. A case that somebody has changed or added something to since is theirs, and stays. */
export function keptCases(limit: number): KeptCases {
  const made: string[] = [];
  return {
    async add(path) {
      made.push(path);
      for (const oldest of made.splice(0, made.length - limit)) await remove(oldest);
    },
  };
}

async function remove(path: string): Promise<void> {
  try {
    await using _lock = await lockCase(path);
    if ((await verifyCase(path)).length > 0) return;
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    // Moved away, or looked at just now.
    if (!(error instanceof CaseInUse) && (error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
