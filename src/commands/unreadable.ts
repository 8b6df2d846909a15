import { UsageError } from "./usage-error.js";

/** The usage error for a file that cannot be read; a bug stays what it is. */
export function unreadable(file: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT" || code === "ENOTDIR") return new UsageError(`expected a file, found nothing at ${file}`);
  if (code === "EISDIR") return new UsageError(`expected a file, found a folder: ${file}`);
  if (code === "EACCES" || code === "EPERM") return new UsageError(`${file} may not be read by this user`);
  return error;
}
