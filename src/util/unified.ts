import { structuredPatch } from "diff";

export interface Hunk {
  /** `@@ -1,2 +1,3 @@` */
  readonly head: string;
  /** Each begins with a blank, `-` or `+`. */
  readonly lines: readonly string[];
}

/** Texts that differ in more lines are not aligned, which would take quadratic time, but shown one after the other. */
const mostEdits = 5000;

/** Where two lists of lines differ, with three lines around; none where they do not. */
export function hunksBetween(left: readonly string[], right: readonly string[]): readonly Hunk[] {
  const document = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");
  const patch = structuredPatch("left", "right", document(left), document(right), undefined, undefined, {
    context: 3,
    maxEditLength: mostEdits,
  });
  const hunks = patch?.hunks ?? [
    {
      oldStart: Math.min(1, left.length),
      oldLines: left.length,
      newStart: Math.min(1, right.length),
      newLines: right.length,
      lines: [...left.map((line) => `-${line}`), ...right.map((line) => `+${line}`)],
    },
  ];
  return hunks.map(({ oldStart, oldLines, newStart, newLines, lines }) => ({
    head: `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
    lines,
  }));
}
