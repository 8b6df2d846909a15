import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { runbookFile, slug, usedFolder } from "../../journal/case-folder.js";
import type { UsedFile } from "../../model/event.js";
import type { Runbook, Step } from "../../model/runbook.js";

/** The runbooks of a case, as they ran. */
export interface KeptRunbooks {
  readonly sha256: string;
  readonly uses: readonly UsedFile[];
}

/** Writes the text of a runbook into a case, and of all that it uses. */
export async function keepRunbooks(folder: string, runbook: Runbook): Promise<KeptRunbooks> {
  await writeFile(join(folder, runbookFile), runbook.text, { mode: 0o600 });
  const used = [...new Map(usedBy(runbook.steps).map((one) => [one.file, one])).values()];
  if (used.length > 0) await mkdir(join(folder, usedFolder), { mode: 0o700 });
  const uses: UsedFile[] = [];
  for (const { file, text } of used) {
    const name = slug(basename(file, ".yaml"));
    const copy = `${usedFolder}/${String(uses.length + 1).padStart(2, "0")}-${name}.yaml`;
    await writeFile(join(folder, copy), text, { mode: 0o600 });
    uses.push({ file, sha256: sha256(text), copy });
  }
  return { sha256: sha256(runbook.text), uses };
}

/** The runbooks that steps use, and these theirs. */
export const usedBy = (steps: readonly Step[]): readonly Runbook[] =>
  steps.flatMap(({ uses, during }) => [
    ...(uses === undefined ? [] : [uses.runbook, ...usedBy(uses.runbook.steps)]),
    ...usedBy(during ?? []),
  ]);

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
