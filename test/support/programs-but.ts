import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";

/** A folder of all programs but some. */
export function programsBut(without: readonly string[], inside: string): string {
  const folder = join(inside, "programs");
  mkdirSync(folder);
  for (const name of readdirSync("/usr/bin")) {
    if (!without.includes(name)) symlinkSync(join("/usr/bin", name), join(folder, name));
  }
  return folder;
}
