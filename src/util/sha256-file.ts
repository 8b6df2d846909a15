import { createHash, hash as hashOf } from "node:crypto";
import { readFileSync } from "node:fs";
import { open } from "node:fs/promises";

/** A file up to this size is read in one piece: most are small, and a stream for each would take longer than its bytes. */
const smallBytes = 1024 * 1024;

/** In hex, of the first `size` bytes of a file, or of fewer where it has fewer. Rejects with a node system error. */
export async function sha256OfFile(path: string, size: number): Promise<string> {
  if (size <= smallBytes) return hashOf("sha256", readFileSync(path).subarray(0, size));
  const hash = createHash("sha256");
  await using file = await open(path, "r");
  // Two buffers for the whole file, one read into while the other is hashed: a stream's chunks would be garbage of the file's size.
  let [next, spare] = [Buffer.allocUnsafe(smallBytes), Buffer.allocUnsafe(smallBytes)];
  const read = (at: number) => file.read(next, 0, Math.max(0, Math.min(size - at, next.length)), at);
  let reading = read(0);
  for (let at = 0; ; ) {
    const { bytesRead } = await reading;
    if (bytesRead === 0) return hash.digest("hex");
    at += bytesRead;
    [next, spare] = [spare, next];
    reading = read(at);
    hash.update(spare.subarray(0, bytesRead));
  }
}
