import { readFileSync } from "node:fs";
import { link, readFile, rename, rm, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Who holds a case: a pid alone may have been given to another process since. */
interface Holder {
  readonly pid: number;
  readonly start_ticks: string;
  readonly boot_id: string;
}

/** A case that another casebook is working on. */
export class CaseInUse extends Error {
  override readonly name = "CaseInUse";

  constructor(readonly pid: number) {
    super(`the case is in use by process ${pid}`);
  }
}

/**
 * Takes the case for writing. A lock whose holder is gone (killed, rebooted) is taken over. Rejects with `CaseInUse`.
 * Disposal gives it back.
 */
export async function lockCase(folder: string): Promise<AsyncDisposable> {
  const path = join(folder, ".lock");
  const fresh = join(folder, `.lock-${process.pid}`);
  await writeFile(fresh, JSON.stringify(self()), { mode: 0o600 });
  try {
    while (!(await claimed(fresh, path))) {
      const holder = await readHolder(path);
      if (holder !== null && isAlive(holder)) throw new CaseInUse(holder.pid);
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
  const holder = await readHolder(aside);
  if (holder !== null && isAlive(holder)) await claimed(aside, path);
  await unlink(aside);
}

/** The process that works on a case, or null. */
export async function holderOf(folder: string): Promise<number | null> {
  const holder = await readHolder(join(folder, ".lock"));
  return holder !== null && isAlive(holder) ? holder.pid : null;
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

const isAlive = (holder: Holder): boolean =>
  holder.boot_id === bootId() && startTicks(holder.pid) === holder.start_ticks;

function self(): Holder {
  return { pid: process.pid, start_ticks: startTicks(process.pid) ?? "", boot_id: bootId() };
}

const bootId = (): string => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();

/** Field 22 of /proc/PID/stat; the second field may hold spaces and parentheses. null when there is no such process. */
function startTicks(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return null; // ESRCH: it ended while it was read
    throw error;
  }
}
