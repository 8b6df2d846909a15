import type { Diagnostic } from "../../src/model/diagnostic.js";
import type { Runbook } from "../../src/model/runbook.js";
import { frame } from "../../src/runbook/frame.js";
import { loadRunbook } from "../../src/runbook/load.js";
import { testKinds } from "./kinds.js";

/** A runbook around these steps and, before them, these other parts. */
export const around = (steps: string, more = ""): string => `casebook: 1\ntitle: t\n${more}steps:\n${steps}`;

export function load(text: string): Runbook {
  const loaded = loadRunbook(text, "t.yaml", testKinds);
  if (loaded.ok) return loaded.value;
  throw new Error(loaded.diagnostics.map((one) => frame(one, text, { color: false })).join("\n"));
}

export function mistakes(text: string): readonly Diagnostic[] {
  const loaded = loadRunbook(text, "t.yaml", testKinds);
  return loaded.ok ? [] : loaded.diagnostics;
}

/** Each mistake as `code: the text it points at`. */
export function pointed(text: string): readonly string[] {
  return mistakes(text).map(({ code, place }) => `${code}: ${text.slice(place?.start.offset, place?.end.offset)}`);
}
