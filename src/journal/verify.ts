import { createHash } from "node:crypto";
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { journalFile, manifestFile, runbookFile } from "./case-folder.js";
import { caseEntries, readManifest, wholeHash } from "./manifest.js";
import { journalLines, parseEvent } from "./read.js";
import { genesis } from "./write.js";

/** What was found altered: a sentence each, with the file and line. Empty: all is as it was written. */
export type Findings = readonly string[];

/**
 * Checks a case: the journal's hash chain and numbering, the runbook and the evidence against the hashes in the journal, and every
 * file against the manifest.
 */
export async function verifyCase(folder: string): Promise<Findings> {
  return [...new Set([...(await verifyJournal(folder)), ...(await verifyManifest(folder))])];
}

async function verifyJournal(folder: string): Promise<Findings> {
  if ((await kindOf(join(folder, journalFile))) !== "file") return [`${journalFile}: is missing`];
  const findings: string[] = [];
  let prev = genesis;
  let number = 0;
  for await (const line of journalLines(folder)) {
    number++;
    const event = parseEvent(line);
    if (event === null) {
      findings.push(`${journalFile}:${number}: expected an event, found something else`);
      break;
    }
    if (event.prev !== prev) findings.push(`${journalFile}:${number - 1}: the line is not the one that was chained`);
    if (event.seq !== number) findings.push(`${journalFile}:${number}: expected event ${number}, found ${event.seq}`);
    prev = createHash("sha256").update(line).digest("hex");
    const held = hashIn(event);
    if (held !== null) findings.push(...(await compared(folder, held.path, held.sha256, held.what)));
  }
  return findings;
}

/** The file whose hash an event holds, or null. The event may be altered: its fields may be anything. */
function hashIn(event: object): { readonly path: string; readonly sha256: string; readonly what: string } | null {
  const { type, runbook, evidence } = event as Readonly<Record<string, unknown>>;
  const isRun = type === "run-started";
  const path = isRun ? runbookFile : type === "captured" ? fieldOf(evidence, "path") : null;
  const sha256 = fieldOf(isRun ? runbook : evidence, "sha256");
  if (typeof path !== "string" || typeof sha256 !== "string") return null;
  return { path, sha256, what: isRun ? "the one that ran" : "what was captured" };
}

const fieldOf = (of: unknown, field: string): unknown =>
  typeof of === "object" && of !== null ? (of as Readonly<Record<string, unknown>>)[field] : undefined;

async function verifyManifest(folder: string): Promise<Findings> {
  const manifest = await readManifest(folder);
  if (manifest === null)
    return [`${manifestFile}: is missing; a run that died leaves none, \`casebook report\` writes it`];
  const findings: string[] = [];
  const listed = new Map<string, string>();
  for (const [index, line] of manifest.replace(/\n$/, "").split("\n").entries()) {
    const [, sha256, path] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? [];
    if (sha256 !== undefined && path !== undefined) listed.set(path, sha256);
    else findings.push(`${manifestFile}:${index + 1}: expected a hash and a file, found something else`);
  }
  for (const [path, sha256] of listed) findings.push(...(await compared(folder, path, sha256, "the manifest")));
  for (const { path } of await caseEntries(folder)) {
    if (!listed.has(path)) findings.push(`${path}: is not in the manifest`);
  }
  return findings;
}

/** @param from what the hash was taken of, for the sentence */
async function compared(folder: string, path: string, sha256: string, from: string): Promise<Findings> {
  const file = join(folder, path);
  const kind = await kindOf(file);
  if (kind === "missing") return [`${path}: is missing`];
  if (kind === "other") return [`${path}: is no file any more`];
  return (await wholeHash(file)) === sha256 ? [] : [`${path}: differs from ${from}`];
}

/** A link counts as something else: what it leads to may change without a trace here. */
async function kindOf(path: string): Promise<"file" | "other" | "missing"> {
  try {
    return (await lstat(path)).isFile() ? "file" : "other";
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return "missing";
    throw error;
  }
}
