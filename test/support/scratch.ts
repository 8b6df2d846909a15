import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

type Files = Readonly<Record<string, string | Uint8Array>>;

/** An empty folder with these files in it; it is removed after the test that asks for it, and kept for a look when that fails. */
export function scratchSync(files: Files = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "casebook-test-"));
  onTestFinished(({ task }) => {
    // A process that is just ending may still write into it.
    if (task.result?.state !== "fail") rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** The same, for who waits. */
export const scratch = async (files?: Files): Promise<string> => scratchSync(files);
