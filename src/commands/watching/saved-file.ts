import { type FSWatcher, watch } from "node:fs";
import { realpath } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { UsageError } from "../usage-error.js";

/** Editors save in several steps: what follows within this time belongs to the same saving. */
const settleMilliseconds = 60;

/** Files that somebody edits. */
export interface SavedFiles extends Disposable {
  /** From now on these are watched as well. Rejects with `UsageError`. */
  follow(paths: readonly string[]): Promise<void>;
  /** Resolves true once one was saved since it was asked last, false when the signal aborts. Rejects with `UsageError`. */
  saved(signal: AbortSignal): Promise<boolean>;
}

/** Watches the folders of files, since an editor may put a new file in place of one; of a link also the folder that it leads to. */
export function watchSaved(): SavedFiles {
  const watchers = new Map<string, FSWatcher>();
  const files = new Set<string>();
  let timer: NodeJS.Timeout | null = null;
  let isSaved = false;
  let failed: unknown = null;
  let wake = (): void => {};

  const settle = (): void => {
    timer = null;
    isSaved = true;
    wake();
  };
  const open = (folder: string): FSWatcher =>
    watch(folder, (_, name) => {
      if (name !== null && ![...files].some((file) => dirname(file) === folder && basename(file) === name)) return;
      if (timer !== null) clearTimeout(timer);
      timer = setTimeout(settle, settleMilliseconds);
    }).on("error", (error) => {
      failed = refusal(folder, error);
      wake();
    });

  return {
    async follow(paths) {
      for (const path of paths) {
        for (const file of [path, await realpath(path).catch(() => path)]) {
          files.add(file);
          const folder = dirname(file);
          if (!watchers.has(folder))
            watchers.set(
              folder,
              orRefused(folder, () => open(folder)),
            );
        }
      }
    },
    async saved(signal) {
      if (!isSaved && !signal.aborted && failed === null) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          signal.addEventListener("abort", () => resolve(), { once: true });
        });
      }
      if (failed !== null) throw failed;
      isSaved = false;
      return !signal.aborted;
    },
    [Symbol.dispose]() {
      if (timer !== null) clearTimeout(timer);
      for (const watcher of watchers.values()) watcher.close();
    },
  };
}

function orRefused<T>(folder: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    throw refusal(folder, error);
  }
}

/** Users may have so many watches and no more; a bug stays what it is. */
function refusal(folder: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  const limit = code === "ENOSPC" ? "watches" : code === "EMFILE" ? "instances" : null;
  const remedy = limit === null ? "" : `: raise fs.inotify.max_user_${limit}, or end what watches`;
  return new UsageError(`the folder ${folder} cannot be watched (${code})${remedy}`);
}
