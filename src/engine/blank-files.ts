import { closeSync, openSync, renameSync } from "node:fs";
import { join } from "node:path";

/** New files for evidence, open for appending, mode 0600. */
export interface BlankFiles extends Disposable {
  /** The descriptor of a new, empty file at a path where nothing is. Throws a node system error. */
  open(path: string): number;
}

/** A step has two streams as a rule. */
const kept = 2;

/**
 * Files that are made while a step's command runs and only renamed when the next step wants them: on ext4 a new inode takes as long
 * as a short command. None is used twice, since a process that a step left behind may still write into its own.
 *
 * @param folder where they wait: empty, on the file system of the evidence, removed by the caller
 */
export function blankFiles(folder: string): BlankFiles {
  const ready: { readonly path: string; readonly descriptor: number }[] = [];
  let made = 0;
  let making: NodeJS.Immediate | null = null;

  const fill = (): void => {
    making = null;
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
      making ??= setImmediate(fill);
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
    [Symbol.dispose]() {
      if (making !== null) clearImmediate(making);
      for (const { descriptor } of ready.splice(0)) closeSync(descriptor);
    },
  };
}

const create = (path: string): number => openSync(path, "ax", 0o600);
