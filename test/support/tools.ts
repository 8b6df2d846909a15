import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "vitest";

/** Skips the test, and says why, when the machine lacks one of these programs. Where nothing may skip that is a failure. */
export function needs(context: TestContext, ...programs: readonly string[]): void {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length > 0) context.skip(`not installed: ${missing.join(", ")}`);
}

/** Debian keeps administrators' programs out of users' PATH. */
const folders = [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/sbin"];

function isInstalled(program: string): boolean {
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false; // not in this folder
    }
  });
}
