import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { open } from "node:fs/promises";

/** A file up to this size is read in one piece: most are small, and a stream for each would take longer than its bytes. */
const smallBytes = 1024 * 1024;

/** In hex, of the first `size` bytes of a file, or of fewer where it has fewer. Rejects with a node system error. */
export async function sha256OfFile(path: string, size: number): Promise<string> {
  const hash = createHash("sha256");
  if (size <= smallBytes) return hash.update(readFileSync(path).subarray(0, size)).digest("hex");
  // One buffer for the whole file: a stream's chunks would be garbage of the file's size.
  await using file = await open(path, "r");
  const buffer = Buffer.allocUnsafe(smallBytes);
  for (let left = size; left > 0; ) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(left, buffer.length));
    if (bytesRead === 0) break;
    hash.update(buffer.subarray(0, bytesRead));
    left -= bytesRead;
  }
  return hash.digest("hex");
}
