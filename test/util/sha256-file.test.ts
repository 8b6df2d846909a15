import { createHash } from "node:crypto";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sha256OfFile } from "../../src/util/sha256-file.js";
import { scratch } from "../support/scratch.js";

const mebibyte = 1024 * 1024;

test("a file of any size is hashed up to the length that is asked for", async () => {
  const bytes = Buffer.alloc(3 * mebibyte + 7, "one line after the other\n");
  const folder = await scratch({ file: bytes });
  const path = join(folder, "file");
  for (const size of [0, 1, mebibyte, mebibyte + 1, 2 * mebibyte, bytes.length, bytes.length + 5]) {
    const expected = createHash("sha256").update(bytes.subarray(0, size)).digest("hex");
    expect(await sha256OfFile(path, size), `${size} bytes`).toBe(expected);
  }
  await expect(sha256OfFile(join(folder, "absent"), 2 * mebibyte)).rejects.toThrow("ENOENT");
});
