import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { link, mkdtemp, rename } from "node:fs/promises";
import { join } from "node:path";
import { inject } from "vitest";
import type { Json } from "../../src/model/json.js";

/**
 * Puts a program to a path of the caller's own, built at most once in a run of the tests.
 *
 * @param key whatever decides what is built: its sources' name, flags, environment
 * @param build writes the program to a path
 */
export async function builtOnce(key: Json, path: string, build: (path: string) => Promise<void>): Promise<void> {
  const folder = inject("programs");
  const program = join(folder, createHash("sha256").update(JSON.stringify(key)).digest("hex"));
  if (!existsSync(program)) {
    // Two workers may build it at once; either's will do.
    const made = join(await mkdtemp(join(folder, "build-")), "program");
    await build(made);
    await rename(made, program);
  }
  await link(program, path);
}
