import { mkdir, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createEvidenceStore } from "../../engine/evidence-store.js";
import { createMasker } from "../../engine/mask.js";
import { caseEntries, wholeHash, writeManifest } from "../../journal/manifest.js";
import { readJournal } from "../../journal/read.js";
import type { EvidenceReader, EvidenceRef } from "../../model/evidence.js";
import type { Report } from "../../model/report.js";
import { foldReport } from "../../report/fold.js";
import { renderHtml } from "../../report/html/render.js";
import { renderJson } from "../../report/json/render.js";
import { renderMarkdown } from "../../report/markdown/render.js";
import type { Template } from "../../report/text/template.js";
import { loadKinds } from "../../steps/index.js";
import { UsageError } from "../usage-error.js";

export const formats = ["md", "html", "json"] as const;

export type Format = (typeof formats)[number];

/** A person's own template, compiled, and the format that it is for. */
export interface OwnTemplate {
  readonly format: Format;
  readonly template: Template;
}

const render: Readonly<Record<Format, (report: Report, options: { readonly template?: Template }) => string>> = {
  md: renderMarkdown,
  html: renderHtml,
  json: renderJson,
};

/**
 * What a case's journal says.
 *
 * @param altered what of the case is not as it was written
 */
export async function foldCase(folder: string, altered: readonly string[] = []): Promise<Report> {
  const evidence = createEvidenceStore(folder, createMasker(new Map()));
  const report = await foldReport(readJournal(folder), loadKinds, evidence, () => evidenceFiles(folder));
  return altered.length === 0 ? report : { ...report, integrity: { ...report.integrity, altered } };
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
 * Writes a case's reports, and its manifest. The caller holds the case's lock. Rejects with a node system error when a file cannot be
 * written, and with `UsageError` when the template is faulty.
 *
 * @param written files of the case that the caller has written, besides the reports
 */
export async function writeReport(
  folder: string,
  report: Report,
  wanted: readonly Format[],
  template: OwnTemplate | null,
  written: readonly string[] = [],
): Promise<void> {
  for (const format of wanted) await writeWhole(reportPath(folder, format), rendered(report, format, template));
  await writeManifest(folder, [...wanted.map(reportName), ...written]);
}

/** Writes reports into a folder that is no case. Throws `UsageError` when that cannot be. */
export async function handOut(
  folder: string,
  report: Report,
  wanted: readonly Format[],
  template: OwnTemplate | null,
): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const format of wanted) await writeWhole(reportPath(folder, format), rendered(report, format, template));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UsageError(`--out: ${folder} cannot be written (${code})`);
  }
}

export const reportName = (format: Format): string => `report.${format}`;

export const reportPath = (folder: string, format: Format): string => join(folder, reportName(format));

/** Compiles a person's template. Throws `UsageError` when it could not render any report. */
export async function compileTemplate(text: string, format: "md" | "html"): Promise<OwnTemplate> {
  const { compile } = await import("../../report/text/compile.js"); // few reports need a compiler
  const nothing: EvidenceReader = { head: absent, tail: absent, stream: absent };
  const report = await foldReport([], loadKinds, nothing);
  const own = orUnusable(() => ({ format, template: compile(text) }));
  rendered(report, format, own);
  return own;
}

const absent = (): never => {
  throw new Error("a report of no events reads no evidence");
};

function rendered(report: Report, format: Format, own: OwnTemplate | null): string {
  if (own?.format !== format) return render[format](report, {});
  return orUnusable(() => render[format](report, own));
}

/** Handlebars throws for what a template's author wrote. */
function orUnusable<T>(use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw new UsageError(`the template cannot be used: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Readers see the old file or the new one, never a part. */
async function writeWhole(path: string, text: string): Promise<void> {
  const fresh = path.replace(/([^/]*)$/, ".$1");
  await writeFile(fresh, text, { mode: 0o600 });
  await rename(fresh, path);
}
