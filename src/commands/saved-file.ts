import { type FSWatcher, watch } from "node:fs";
import { realpath } from "node:fs/promises";
import { basename, dirname } from "node:path";

/** Editors save in several steps: what follows within this time belongs to the same saving. */
const settleMilliseconds = 60;

/** A file that somebody edits. */
export interface SavedFile extends Disposable {
  /** Resolves true once the file was saved since it was asked last, false when the signal aborts. Rejects when its folder goes. */
  saved(signal: AbortSignal): Promise<boolean>;
}

/** Watches the file's folder, since an editor may put a new file in its place; of a link also the folder that it leads to. */
export async function watchSaved(path: string): Promise<SavedFile> {
  const files = new Set([path, await realpath(path)]);
  let timer: NodeJS.Timeout | null = null;
  let isSaved = false;
  let failed: Error | null = null;
  let wake = (): void => {};
  const settle = (): void => {
    timer = null;
    isSaved = true;
    wake();
  };
  const watchers = [...files].map((file): FSWatcher => {
    const watcher = watch(dirname(file), (_, name) => {
      if (name !== null && name !== basename(file)) return;
      if (timer !== null) clearTimeout(timer);
      timer = setTimeout(settle, settleMilliseconds);
    });
    return watcher.on("error", (error) => {
      failed = error;
      wake();
    });
  });
  return {
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
      for (const watcher of watchers) watcher.close();
    },
  };
}
