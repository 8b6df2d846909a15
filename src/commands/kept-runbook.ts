import { createHash } from "node:crypto";
import { join } from "node:path";
import { runbookFile } from "../journal/case-folder.js";
import { type ReadRunbook, readRunbook } from "./read-runbook.js";
import type { RecordedCase } from "./recorded-case.js";
import { UsageError } from "./usage-error.js";

/** The runbook of a case, under the names that it and those it uses had. Throws `UsageError` where a text is not the one that ran. */
export async function readKeptRunbook(cwd: string, recorded: RecordedCase): Promise<ReadRunbook> {
  const { runbook } = recorded.started;
  const read = await readRunbook(cwd, runbook.file, (named) => copyOf(recorded, named));
  const hashes = new Map([[runbook.file, runbook.sha256], ...(runbook.uses ?? []).map(hashOf)]);
  for (const [file, text] of [[runbook.file, read.text] as const, ...read.texts]) {
    const known = hashes.get(file);
    if (known === undefined || known === createHash("sha256").update(text).digest("hex")) continue;
    throw new UsageError(`${recorded.typed} is not as it was written: its copy of ${file} is not what ran`);
  }
  return read;
}

const hashOf = ({ file, sha256 }: { readonly file: string; readonly sha256: string }) => [file, sha256] as const;

/** Where a case keeps the text of a file that ran. */
function copyOf({ path, started: { runbook } }: RecordedCase, named: string): string {
  const copy = named === runbook.file ? runbookFile : runbook.uses?.find(({ file }) => file === named)?.copy;
  return copy === undefined ? named : join(path, copy);
}
