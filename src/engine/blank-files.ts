import { closeSync, openSync, renameSync, unlinkSync } from "node:fs";
import { join } from "node:path";

/** New files for evidence, open for appending, mode 0600. */
export interface BlankFiles extends Disposable {
  /** The descriptor of a new, empty file at a path where nothing is. Throws a node system error. */
  open(path: string): number;
  /** Removes a file that stayed empty. */
  remove(path: string): void;
}

/** A step has two streams as a rule. */
const kept = 2;

/**
 * Files that are made while a step's command runs and only renamed when the next step wants them; those that stayed empty are removed
 * while the next command runs. On ext4 a new inode takes as long as a short command, and its end is not for nothing either. None is
 * used twice, since a process that a step left behind may still write into its own.
 *
 * @param folder where they wait: empty, on the file system of the evidence, removed by the caller
 */
export function blankFiles(folder: string): BlankFiles {
  const ready: { readonly path: string; readonly descriptor: number }[] = [];
  const empty: string[] = [];
  let made = 0;
  let working: NodeJS.Immediate | null = null;

  const clear = (): void => {
    for (const path of empty.splice(0)) {
      try {
        unlinkSync(path);
      } catch {
        // An empty file that stays is no reason to end a run.
      }
    }
  };
  const work = (): void => {
    working = null;
    clear();
    while (ready.length < kept) {
      const path = join(folder, `blank-${++made}`);
      try {
        ready.push({ path, descriptor: create(path) });
      } catch {
        return; // the disk is full, say: whoever needs a file meets that
      }
    }
  };

  return {
    open(path) {
      working ??= setImmediate(work);
      const blank = ready.shift();
      if (blank === undefined) return create(path);
      try {
        renameSync(blank.path, path);
        return blank.descriptor;
      } catch (error) {
        closeSync(blank.descriptor);
        throw error;
      }
    },
    remove: (path) => void empty.push(path),
    [Symbol.dispose]() {
      if (working !== null) clearImmediate(working);
      clear();
      for (const { descriptor } of ready.splice(0)) closeSync(descriptor);
    },
  };
}

const create = (path: string): number => openSync(path, "ax", 0o600);
