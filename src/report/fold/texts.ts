import { placeholder, type RichText } from "../../model/rich-text.js";
import type { Execution } from "./collect.js";

/** A text of the machine's as a RichText: a value, so that nothing in it is markup. */
export const verbatim = (text: string): RichText => ({ markdown: placeholder(0), values: [text] });

/** Outlined titles by step. */
export type Titles = ReadonlyMap<string, string>;

/** What a step is called: its rendered title, else the outlined one, else how its note begins, else its key. */
export function titleOf(execution: Execution, titles: Titles): RichText {
  const { started, of } = execution;
  if (started?.title != null) return started.title;
  if (!titles.get(of.step) && started?.note != null) return beginning(started.note);
  return outlinedTitle(of.step, titles);
}

export const outlinedTitle = (step: string, titles: Titles): RichText => verbatim(titles.get(step) || step);

/** The first line of a note, without the marks of a heading. */
export function beginning(note: RichText): RichText {
  const line = note.markdown.split("\n").find((candidate) => candidate.trim() !== "") ?? "";
  return { markdown: line.replace(/^\s*#+\s*/, "").trim(), values: note.values };
}
