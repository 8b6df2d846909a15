/**
 * Markdown of the author's with places for values. A value is never markup: `markdown` holds
 * `\uE000<index>\uE001` where `values[index]` goes in, as text, after Markdown was parsed.
 */
export interface RichText {
  readonly markdown: string;
  readonly values: readonly string[];
}

export const placeholder = (index: number): string => `\uE000${index}\uE001`;

export const placeholders = /\uE000(\d+)\uE001/g;

/** The text as a terminal shows it: values in place, Markdown as written. */
export function plain(text: RichText): string {
  return text.markdown.replace(placeholders, (_, index: string) => text.values[Number(index)] ?? "");
}
