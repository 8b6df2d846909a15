import { readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { Command } from "commander";
import { formsOf } from "../engine/mask-forms.js";
import { redactionsFile } from "../journal/case-folder.js";
import type { Redaction } from "../report/redact/text.js";
import type { NamedCase } from "./case-argument.js";
import type { Io } from "./io.js";
import { someOf } from "./options.js";
import { compileTemplate, type Format, formats, type OwnTemplate } from "./running/reports.js";
import { unreadable } from "./unreadable.js";
import { UsageError } from "./usage-error.js";

/** The options by which commands say which reports to write. */
export interface ReportOptions {
  readonly format?: readonly Format[];
  readonly template?: string;
  readonly redact?: string;
}

export function addReportOptions(command: Command): Command {
  return command
    .option(
      "--format <formats>",
      `reports to write: ${formats.join(", ")}, between commas (default: all)`,
      someOf(formats),
    )
    .option("--template <file>", "a Handlebars template in place of a format's own; docs/templates.md describes it")
    .option(
      "--redact <file>",
      "a YAML map of kinds to RE2 patterns and texts: what they find is left out of the reports",
    );
}

/** The formats to write, and a template in place of one format's own. */
export interface WantedReports {
  readonly wanted: readonly Format[];
  readonly template: OwnTemplate | null;
  readonly redactions: readonly Redaction[];
  /** The text that they are read from, for the case to keep; null: nothing is left out. */
  readonly redactText: string | null;
}

/**
 * What the options ask for. Throws `UsageError`.
 *
 * @param like a case whose redactions count where none are given
 */
export async function wantedReports(io: Io, options: ReportOptions, like?: NamedCase): Promise<WantedReports> {
  const wanted = options.format ?? formats;
  const { redact, template } = options;
  const given = redact === undefined ? null : await redactionsIn(io, await readOption(io.cwd, redact), redact);
  const redacting = given ?? (like === undefined ? nothing : await keptRedactions(io, like));
  if (template === undefined) return { wanted, template: null, ...redacting };
  const format = templateFormat(template, options.format);
  const own = await compileTemplate(await readOption(io.cwd, template), format);
  return { wanted, template: own, ...redacting };
}

type Redacting = Pick<WantedReports, "redactions" | "redactText">;

const nothing: Redacting = { redactions: [], redactText: null };

/** What the reports of a run left out. Throws `UsageError` when the case's copy is no such file any more. */
export async function keptRedactions(io: Io, { path, typed }: NamedCase): Promise<Redacting> {
  try {
    return await redactionsIn(io, await readFile(join(path, redactionsFile), "utf8"), join(typed, redactionsFile));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return nothing;
  }
}

async function redactionsIn(io: Io, text: string, file: string): Promise<Redacting> {
  // Few ask for it, and it needs much of what reads runbooks.
  const { readRedactionsFile } = await import("../runbook/redactions-file.js");
  const { frames } = await import("./read-runbook.js");
  const read = readRedactionsFile(text, file);
  if (read.ok) {
    const redactions = read.value.map(({ text: hidden, ...redaction }) => ({
      ...redaction,
      forms: hidden === null ? [] : formsOf(hidden).map((form) => form.toString("utf8")),
    }));
    return { redactions, redactText: text };
  }
  const { length } = read.diagnostics;
  const mistakes = length === 1 ? "a mistake" : `${length} mistakes`;
  throw new UsageError(`--redact: ${file} has ${mistakes}`, frames({ text }, read.diagnostics, io.stderr.colour));
}

async function readOption(cwd: string, file: string): Promise<string> {
  try {
    return await readFile(resolve(cwd, file), "utf8");
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** The format that `--format` names alone, else that of the name: `page.html.hbs`. */
function templateFormat(file: string, asked: readonly Format[] | undefined): "md" | "html" {
  const templated = (["md", "html"] as const).filter((format) => (asked ?? formats).includes(format));
  const named = templated.filter((format) => basename(file).split(".").includes(format));
  const [format, ...others] = named.length > 0 ? named : templated;
  if (format !== undefined && others.length === 0) return format;
  throw new UsageError(
    templated.length === 0
      ? "--template needs --format md or --format html"
      : `--template: expected a name such as page.html.hbs or page.md.hbs, or --format with one of both; found ${file}`,
  );
}
