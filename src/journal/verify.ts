import { createHash } from "node:crypto";
import { join } from "node:path";
import { manifestFile } from "./case-folder.js";
import { caseFiles, readManifest, sha256OfFile } from "./manifest.js";
import { journalLines, parseEvent } from "./read.js";
import { genesis } from "./write.js";

/** What was found altered: a sentence each, with the file and line. Empty: all is as it was written. */
export type Findings = readonly string[];

/**
 * Checks a case: the journal's hash chain and numbering, the evidence against the hashes in the journal, and every file against
 * the manifest. Rejects with a node system error when there is no journal.
 */
export async function verifyCase(folder: string): Promise<Findings> {
  return [...(await verifyJournal(folder)), ...(await verifyManifest(folder))];
}

async function verifyJournal(folder: string): Promise<Findings> {
  const findings: string[] = [];
  let prev = genesis;
  let number = 0;
  for await (const line of journalLines(folder)) {
    number++;
    const event = parseEvent(line);
    if (event === null) {
      findings.push(`journal.ndjson:${number}: expected an event, found something else`);
      break;
    }
    if (event.prev !== prev) findings.push(`journal.ndjson:${number - 1}: the line is not the one that was chained`);
    if (event.seq !== number) findings.push(`journal.ndjson:${number}: expected event ${number}, found ${event.seq}`);
    prev = createHash("sha256").update(line).digest("hex");
    if (event.type === "captured") {
      const found = await hashOrNull(join(folder, event.evidence.path));
      if (found === null) findings.push(`${event.evidence.path}: is missing`);
      else if (found !== event.evidence.sha256) findings.push(`${event.evidence.path}: differs from what was captured`);
    }
  }
  return findings;
}

async function verifyManifest(folder: string): Promise<Findings> {
  const findings: string[] = [];
  const listed = new Map<string, string>();
  const manifest = await readManifest(folder);
  if (manifest === null)
    return [`${manifestFile}: is missing; a run that died leaves none, \`casebook report\` writes it`];
  for (const line of manifest.split("\n")) {
    if (line !== "") listed.set(line.slice(66), line.slice(0, 64));
  }
  for (const [path, sha256] of listed) {
    const found = await hashOrNull(join(folder, path));
    if (found === null) findings.push(`${path}: is missing`);
    else if (found !== sha256) findings.push(`${path}: differs from the manifest`);
  }
  for (const path of await caseFiles(folder)) {
    if (!listed.has(path)) findings.push(`${path}: is not in the manifest`);
  }
  return findings;
}

async function hashOrNull(path: string): Promise<string | null> {
  try {
    return await sha256OfFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
