import { closeSync, ftruncateSync, openSync, rmSync, writeSync } from "node:fs";

/** A file of ours alone whose whole content is replaced again and again. */
export interface Rewritten {
  readonly path: string;
  /** When it returns, whoever opens the file reads this text and no more. */
  replace(text: string): void;
  remove(): void;
}

/**
 * Creates the file. It stays open and is overwritten in place: ext4 writes a file that was truncated to nothing back to the disk as
 * soon as it is closed (`auto_da_alloc`, Documentation/admin-guide/ext4.rst of the kernel), which takes longer than most commands.
 */
export function openRewritten(path: string): Rewritten {
  const descriptor = openSync(path, "wx", 0o600);
  let size = 0;
  return {
    path,
    replace(text) {
      const bytes = Buffer.from(text);
      for (let written = 0; written < bytes.length; ) {
        written += writeSync(descriptor, bytes, written, bytes.length - written, written);
      }
      if (bytes.length < size) ftruncateSync(descriptor, bytes.length);
      size = bytes.length;
    },
    remove() {
      closeSync(descriptor);
      rmSync(path, { force: true });
    },
  };
}
