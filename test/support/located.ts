import type { Diagnostic } from "../../src/model/diagnostic.js";
import type { Located } from "../../src/runbook/located.js";
import type { NameTable } from "../../src/runbook/names.js";
import type { Type } from "../../src/runbook/type.js";

/** A text that stands by itself in a file of one line. */
export const located = (text: string): Located => ({
  text,
  place: (start = 0, end = text.length) => ({
    file: "runbook.yaml",
    start: { offset: start, line: 1, column: start + 1 },
    end: { offset: end, line: 1, column: end + 1 },
  }),
});

/** Names with their types; anything else about them is empty unless given. */
export const nameTable = (types: Readonly<Record<string, Type>> = {}, more: Partial<NameTable> = {}): NameTable => ({
  types: new Map(Object.entries(types)),
  later: new Map(),
  steps: new Set(),
  open: new Map(),
  ...more,
});

/** What a diagnostic underlines in its text. */
export const underlined = (text: string, { place }: Diagnostic): string =>
  text.slice(place?.start.offset, place?.end.offset);
