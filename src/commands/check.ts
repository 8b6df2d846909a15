import type { Command } from "commander";
import type { Diagnostic } from "../model/diagnostic.js";
import { visible } from "../util/visible.js";
import { exitCode } from "./exit-code.js";
import type { Io } from "./io.js";
import { frames, type ReadRunbook, readRunbook } from "./read-runbook.js";
import { UsageError } from "./usage-error.js";

interface Options {
  readonly json?: true;
}

interface Checked {
  readonly file: string;
  readonly text: string;
  readonly texts: ReadonlyMap<string, string>;
  readonly diagnostics: readonly Diagnostic[];
}

export function define(command: Command): void {
  command
    .argument("<runbook...>", "runbooks to check")
    .option("--json", "print the mistakes as JSON, for editors and CI");
}

/** Prints all mistakes of all files: exit 65 when there is one, 64 when a file is not there. */
export async function execute(io: Io, files: readonly string[], options: Options): Promise<number> {
  const checked: Checked[] = [];
  const absent: Checked[] = [];
  for (const file of files) {
    try {
      const read = await readRunbook(io.cwd, file);
      checked.push({ file, text: read.text, texts: read.texts, diagnostics: diagnosticsOf(read) });
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const diagnostics = [{ severity: "error", code: "unreadable", message: error.message } as const];
      absent.push({ file, text: "", texts: new Map(), diagnostics });
    }
  }
  if (options.json) io.stdout.write(`${JSON.stringify(asJson([...checked, ...absent]), null, 2)}\n`);
  else for (const one of checked) writeFrames(io, one);
  for (const { message } of absent.flatMap(({ diagnostics }) => diagnostics)) {
    io.stderr.write(`casebook: ${visible(message)}\n`);
  }
  if (!options.json && checked.length > 0) io.stdout.write(`${summary(checked)}\n`);
  if (absent.length > 0) return exitCode.usage;
  return errors(checked) > 0 ? exitCode.invalidRunbook : exitCode.ok;
}

const diagnosticsOf = ({ loaded }: ReadRunbook): readonly Diagnostic[] => (loaded.ok ? [] : loaded.diagnostics);

function writeFrames(io: Io, checked: Checked): void {
  const { diagnostics } = checked;
  if (diagnostics.length > 0) io.stdout.write(`${frames(checked, diagnostics, io.stdout.colour)}\n`);
}

const errors = (checked: readonly Checked[]): number =>
  checked.flatMap(({ diagnostics }) => diagnostics).filter(({ severity }) => severity === "error").length;

function summary(checked: readonly Checked[]): string {
  const found = errors(checked);
  const files = count(checked.length, "file");
  if (found === 0) return `${files} checked, no mistakes`;
  const faulty = checked.filter(({ diagnostics }) => diagnostics.length > 0).length;
  return `${count(found, "mistake")} in ${faulty} of ${files}`;
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;

/** Lines and columns count from 1; the end is exclusive. */
function asJson(checked: readonly Checked[]) {
  return {
    errors: errors(checked),
    files: checked.map(({ file, diagnostics }) => ({
      file,
      diagnostics: diagnostics.map(({ severity, code, message, hint, place }) => ({
        severity,
        code,
        message,
        hint: hint ?? null,
        // Of a runbook that this one uses, that one's.
        file: place?.file ?? file,
        line: place?.start.line ?? null,
        column: place?.start.column ?? null,
        end_line: place?.end.line ?? null,
        end_column: place?.end.column ?? null,
      })),
    })),
  };
}
