import type { Diagnostic } from "../model/diagnostic.js";
import type { Runbook } from "../model/runbook.js";
import type { NameTable } from "./names.js";

/** A file that a runbook names: its text and what tells it from others, or why it cannot be read. */
export type OpenedFile =
  | { readonly ok: true; readonly file: string; readonly identity: string; readonly text: string }
  | { readonly ok: false; readonly message: string };

/** Runbooks that others use. Loading is pure: what it wants is read beforehand, or by whoever loads again. */
export interface RunbookFiles {
  /** What tells the runbook that is loaded from those it uses. */
  readonly identity: string;
  /** The file at `path` as it is written in the runbook `from`; null: it was not read yet. */
  open(path: string, from: string): OpenedFile | null;
}

/** Nothing is there to be used. */
export const noFiles: RunbookFiles = {
  identity: "",
  open: () => ({ ok: false, message: "runbooks that use others are not read here" }),
};

/** A runbook that was read because another uses it. */
export interface LoadedUse {
  /** null: it has mistakes. */
  readonly runbook: Runbook | null;
  readonly names: NameTable;
  readonly secrets: ReadonlySet<string>;
  readonly diagnostics: readonly Diagnostic[];
}
