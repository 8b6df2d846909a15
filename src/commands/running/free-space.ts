import { constants } from "node:fs";
import { access, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";

export interface FreeSpace {
  /** The nearest folder that exists. */
  readonly at: string;
  /** For this user. */
  readonly bytes: number;
  readonly writable: boolean;
}

/** Room on the file system where a path is, or would be made. */
export async function freeSpace(path: string): Promise<FreeSpace> {
  const at = await existing(path);
  const { blocks, bavail, bsize } = await statfs(at);
  // A file system without a size of its own (tmpfs may have none) has no blocks at all.
  return { at, bytes: blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize, writable: await isWritable(at) };
}

async function existing(path: string): Promise<string> {
  try {
    if ((await stat(path)).isDirectory()) return path;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOTDIR" && code !== "EACCES") throw error;
  }
  return dirname(path) === path ? path : await existing(dirname(path));
}

async function isWritable(path: string): Promise<boolean> {
  try {
    await access(path, constants.W_OK | constants.X_OK);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EACCES" && code !== "EROFS" && code !== "EPERM") throw error;
    return false;
  }
}
