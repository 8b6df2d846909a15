import { rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createEvidenceStore } from "../engine/evidence-store.js";
import { createMasker } from "../engine/mask.js";
import { caseEntries, wholeHash, writeManifest } from "../journal/manifest.js";
import { readJournal } from "../journal/read.js";
import type { EvidenceReader, EvidenceRef } from "../model/evidence.js";
import type { Report } from "../model/report.js";
import { foldReport } from "../report/fold.js";
import { renderHtml } from "../report/html/render.js";
import { renderJson } from "../report/json/render.js";
import { renderMarkdown } from "../report/markdown/render.js";
import { loadKinds } from "../steps/index.js";
import { UsageError } from "./usage-error.js";

export const formats = ["md", "html", "json"] as const;

export type Format = (typeof formats)[number];

/** A person's own template, and the format that it is for. */
export interface Template {
  readonly format: Format;
  readonly text: string;
}

const render: Readonly<Record<Format, (report: Report, options: { readonly template?: string }) => string>> = {
  md: renderMarkdown,
  html: renderHtml,
  json: renderJson,
};

/** What a case's journal says. */
export function foldCase(folder: string): Promise<Report> {
  const evidence = createEvidenceStore(folder, createMasker(new Map()));
  return foldReport(readJournal(folder), loadKinds, evidence, () => evidenceFiles(folder));
}

/** All evidence that is there, as that of a run which died while it was written. */
async function evidenceFiles(folder: string): Promise<readonly EvidenceRef[]> {
  const entries = (await caseEntries(folder)).filter(({ path, isFile }) => isFile && path.startsWith("evidence/"));
  const found: EvidenceRef[] = [];
  for (const { path } of entries) {
    const { size: bytes } = await stat(join(folder, path));
    if (bytes === 0) continue;
    const sha256 = await wholeHash(join(folder, path));
    found.push({ path, sha256, bytes, truncated: true, why: "the run died while it was written" });
  }
  return found;
}

/**
 * Writes a case's reports and its manifest anew, from its journal. The caller holds the case's lock. Rejects with a node system error
 * when a file cannot be written, and with `UsageError` when the template is faulty.
 */
export async function writeReports(
  folder: string,
  wanted: readonly Format[],
  template: Template | null,
): Promise<void> {
  await writeReport(folder, await foldCase(folder), wanted, template);
}

/** The same of a report that is at hand. */
export async function writeReport(
  folder: string,
  report: Report,
  wanted: readonly Format[],
  template: Template | null,
): Promise<void> {
  for (const format of wanted) await writeWhole(reportPath(folder, format), rendered(report, format, template));
  await writeManifest(folder);
}

export const reportName = (format: Format): string => `report.${format}`;

export const reportPath = (folder: string, format: Format): string => join(folder, reportName(format));

/** Throws `UsageError` when a template could not render any report. */
export async function checkTemplate(template: Template): Promise<void> {
  const nothing: EvidenceReader = { head: absent, tail: absent, stream: absent };
  rendered(await foldReport([], loadKinds, nothing), template.format, template);
}

const absent = (): never => {
  throw new Error("a report of no events reads no evidence");
};

function rendered(report: Report, format: Format, template: Template | null): string {
  if (template?.format !== format) return render[format](report, {});
  try {
    return render[format](report, { template: template.text });
  } catch (error) {
    // Handlebars throws for what the template's author wrote.
    throw new UsageError(`the template cannot be used: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Readers see the old file or the new one, never a part. */
async function writeWhole(path: string, text: string): Promise<void> {
  const fresh = path.replace(/([^/]*)$/, ".$1");
  await writeFile(fresh, text, { mode: 0o600 });
  await rename(fresh, path);
}
