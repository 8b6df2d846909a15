import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { sha256OfFile } from "../../src/util/sha256-file.js";

const mebibyte = 1024 * 1024;

test("a file of any size is hashed up to the length that is asked for", async () => {
  const folder = await mkdtemp(join(tmpdir(), "casebook-hash-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const bytes = Buffer.alloc(3 * mebibyte + 7, "one line after the other\n");
  const path = join(folder, "file");
  await writeFile(path, bytes);
  for (const size of [0, 1, mebibyte, mebibyte + 1, 2 * mebibyte, bytes.length, bytes.length + 5]) {
    const expected = createHash("sha256").update(bytes.subarray(0, size)).digest("hex");
    expect(await sha256OfFile(path, size), `${size} bytes`).toBe(expected);
  }
  await expect(sha256OfFile(join(folder, "absent"), 2 * mebibyte)).rejects.toThrow("ENOENT");
});
