import { closeSync, fsyncSync, openSync } from "node:fs";

/** Flushes the names in a folder to the disk: a new file that was flushed is lost without its name. Throws a node system error. */
export function syncFolder(path: string): void {
  try {
    const descriptor = openSync(path, "r");
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A folder may be one to write in but not to read, and some file systems of FUSE know no such thing.
    if (code !== "EACCES" && code !== "EINVAL") throw error;
  }
}
