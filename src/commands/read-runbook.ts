import { open } from "node:fs/promises";
import { resolve } from "node:path";
import type { Diagnostic, Result } from "../model/diagnostic.js";
import type { Runbook } from "../model/runbook.js";
import { frame } from "../runbook/frame.js";
import { loadRunbook } from "../runbook/load.js";
import { openSource } from "../runbook/source.js";
import { kindNames, loadKinds } from "../steps/index.js";
import { unreadable } from "./unreadable.js";
import { loadWithUsed, type Place } from "./used-runbooks.js";

/** Above this a file is certainly no runbook; the loader says so of what is cut here. */
const mostBytes = 8 * 1024 * 1024;

/** A runbook's file and what came of it. */
export interface ReadRunbook {
  /** As named on the command line. */
  readonly file: string;
  readonly text: string;
  /** Of the runbooks that it uses, by file. */
  readonly texts: ReadonlyMap<string, string>;
  readonly loaded: Result<Runbook>;
}

/**
 * Reads and checks a runbook. Throws `UsageError` when there is no such file.
 *
 * @param whereOf where the text of a file is, if not there: in the case that keeps it
 */
export async function readRunbook(cwd: string, file: string, whereOf = (named: string) => named): Promise<ReadRunbook> {
  const read = (named: string) => readSome(cwd, whereOf(named));
  const bytes = await read(file);
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  if (Buffer.from(text).equals(bytes)) return { file, text, ...(await load({ cwd, file, read }, text)) };
  const at = firstFault(text, bytes);
  const diagnostic: Diagnostic = {
    severity: "error",
    code: "not-utf-8",
    message: "expected a text in UTF-8, found bytes that are none",
    place: openSource(file, text).place(at, at + 1),
  };
  return { file, text, texts: new Map(), loaded: { ok: false, diagnostics: [diagnostic] } };
}

/** Loading every kind takes longer than checking a runbook; only what is said of a mistake may speak of kinds that it does not name. */
async function load(place: Place, text: string): Promise<Pick<ReadRunbook, "texts" | "loaded">> {
  const { file } = place;
  const { files, texts, loaded } = await loadWithUsed(place, async (files, used) => {
    const all = [text, ...used];
    const named = kindNames.filter((name) => all.some((one) => new RegExp(`\\b${name}["']?\\s*:`).test(one)));
    return loadRunbook(text, file, await loadKinds(named), files);
  });
  return { texts, loaded: loaded.ok ? loaded : loadRunbook(text, file, await loadKinds(kindNames), files) };
}

/** Where the decoder first put a replacement for bytes that are no character. */
function firstFault(text: string, bytes: Buffer): number {
  const replacement = Buffer.from("\uFFFD");
  for (const { index } of text.matchAll(/\uFFFD/g)) {
    const offset = Buffer.byteLength(text.slice(0, index)); // exact up to the first fault
    if (!bytes.subarray(offset, offset + replacement.length).equals(replacement)) return index;
  }
  return 0;
}

/** All diagnostics of a file as a person reads them. */
export function frames(
  { text, texts }: Pick<ReadRunbook, "text"> & Partial<Pick<ReadRunbook, "texts">>,
  diagnostics: readonly Diagnostic[],
  colour: boolean,
): string {
  const textOf = ({ place }: Diagnostic): string => texts?.get(place?.file ?? "") ?? text;
  return diagnostics.map((one) => `${frame(one, textOf(one), { color: colour })}\n`).join("\n");
}

async function readSome(cwd: string, file: string): Promise<Buffer> {
  try {
    await using handle = await open(resolve(cwd, file));
    const chunks: Buffer[] = [];
    for (let size = 0; size < mostBytes; ) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(64 * 1024));
      if (bytesRead === 0) break;
      chunks.push(buffer.subarray(0, bytesRead));
      size += bytesRead;
    }
    return Buffer.concat(chunks);
  } catch (error) {
    throw unreadable(file, error);
  }
}
