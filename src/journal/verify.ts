import { hash } from "node:crypto";
import { lstatSync, type Stats } from "node:fs";
import { join } from "node:path";
import { sha256OfFile } from "../util/sha256-file.js";
import { journalFile, manifestFile, runbookFile } from "./case-folder.js";
import { caseEntries, manifestEntries, readManifest } from "./manifest.js";
import { journalLines, parseEvent } from "./read.js";
import { genesis } from "./write.js";

/** Something that is not as it was written. */
export interface Finding {
  /** Relative to the case. */
  readonly file: string;
  /** From 1; null: the file as a whole. */
  readonly line: number | null;
  readonly says: string;
}

export const findingText = ({ file, line, says }: Finding): string =>
  `${file}${line === null ? "" : `:${line}`}: ${says}`;

/**
 * Checks a case: the journal's hash chain and numbering, the runbook and the evidence against the hashes in the journal, and every
 * file against the manifest. A run that died has none.
 */
export async function verifyCase(folder: string): Promise<readonly Finding[]> {
  const files: Files = new Map();
  const findings = [...(await verifyJournal(folder, files)), ...(await verifyManifest(folder, files))];
  return [...new Map(findings.map((finding) => [findingText(finding), finding])).values()];
}

/** What a file of the case is now: its hash, or why it has none. */
type State = { readonly sha256: string } | { readonly says: string };

/** The states of files, each of which is looked at once. */
type Files = Map<string, State>;

async function verifyJournal(folder: string, files: Files): Promise<readonly Finding[]> {
  const whole = await stateOf(join(folder, journalFile));
  files.set(journalFile, whole);
  if ("says" in whole) return [{ file: journalFile, line: null, says: whole.says }];
  const findings: Finding[] = [];
  let prev = genesis;
  let number = 0;
  let expected = 1;
  for await (const line of journalLines(folder)) {
    number++;
    const event = parseEvent(line);
    const found = (at: number, says: string) => findings.push({ file: journalFile, line: at, says });
    if (event === null) {
      found(number, "expected an event, found something else");
      break;
    }
    // A line that is gone breaks the chain, too, and is told once.
    if (event.seq !== expected) found(number, `expected event ${expected}, found ${event.seq}`);
    else if (event.prev !== prev) found(number - 1, "the line is not the one that was chained");
    expected = event.seq + 1;
    prev = hash("sha256", line);
    for (const { path, sha256, what } of hashesIn(event)) {
      findings.push(...(await compared(folder, path, sha256, what, files)));
    }
  }
  return findings;
}

/** The files whose hashes an event holds. The event may be altered: its fields may be anything. */
function hashesIn(event: object): readonly { readonly path: string; readonly sha256: string; readonly what: string }[] {
  const { type, runbook, evidence } = event as Readonly<Record<string, unknown>>;
  const held = (path: unknown, of: unknown, what: string) => {
    const sha256 = fieldOf(of, "sha256");
    return typeof path === "string" && typeof sha256 === "string" ? [{ path, sha256, what }] : [];
  };
  if (type === "captured") return held(fieldOf(evidence, "path"), evidence, "what was captured");
  if (type !== "run-started") return [];
  const uses = fieldOf(runbook, "uses");
  const used = Array.isArray(uses) ? uses.flatMap((one) => held(fieldOf(one, "copy"), one, "the one that ran")) : [];
  return [...held(runbookFile, runbook, "the one that ran"), ...used];
}

const fieldOf = (of: unknown, field: string): unknown =>
  typeof of === "object" && of !== null ? (of as Readonly<Record<string, unknown>>)[field] : undefined;

async function verifyManifest(folder: string, files: Files): Promise<readonly Finding[]> {
  const of = (file: string, says: string): Finding => ({ file, line: null, says });
  const manifest = await readManifest(folder).catch(unreadable);
  if (manifest === null) return [];
  if (typeof manifest === "object") return [of(manifestFile, manifest.says)];
  const { listed, strange } = manifestEntries(manifest);
  const findings: Finding[] = strange.map((line) => ({
    file: manifestFile,
    line,
    says: "expected a hash and a file, found something else",
  }));
  for (const [path, sha256] of listed) findings.push(...(await compared(folder, path, sha256, "the manifest", files)));
  const entries = await caseEntries(folder).catch(unreadable);
  if ("says" in entries) return [...findings, of(".", entries.says)];
  const added = entries.filter(({ path }) => !listed.has(path));
  return [...findings, ...added.map(({ path }) => of(path, "is not in the manifest"))];
}

/** @param from what the hash was taken of, for the sentence */
async function compared(
  folder: string,
  path: string,
  sha256: string,
  from: string,
  files: Files,
): Promise<readonly Finding[]> {
  const state = files.get(path) ?? (await stateOf(join(folder, path)));
  files.set(path, state);
  if ("says" in state) return [{ file: path, line: null, says: state.says }];
  return state.sha256 === sha256 ? [] : [{ file: path, line: null, says: `differs from ${from}` }];
}

/** A link counts as something else: what it leads to may change without a trace here. */
async function stateOf(path: string): Promise<State> {
  try {
    const stats = statsOf(path);
    if (stats === null) return { says: "is missing" };
    return stats.isFile() ? { sha256: await sha256OfFile(path, stats.size) } : { says: "is no file any more" };
  } catch (error) {
    return unreadable(error);
  }
}

/** Why what is there cannot be looked at; anything else is a bug. */
function unreadable(error: unknown): { readonly says: string } {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== "EACCES" && code !== "EPERM" && code !== "EIO") throw error;
  return { says: `cannot be read (${code})` };
}

/** Of the path itself, not of what it leads to; null: there is nothing. At once, since a case may have thousands of files. */
function statsOf(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw error;
  }
}
