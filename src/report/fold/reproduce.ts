import type { RunStarted } from "../../model/event.js";
import { quoteWords } from "../../util/shell-quote.js";

/**
 * The command line that would do the same once more, in a form that a shell takes; null where none is known. It makes a case of its own,
 * and secrets, of which the journal holds the names alone, are left out of it.
 */
export function reproduceOf({ invocation }: Pick<RunStarted, "invocation">): string | null {
  if (invocation.length === 0) return null;
  const kept: string[] = [];
  for (let at = 0; at < invocation.length; at++) {
    const word = invocation[at] ?? "";
    if (word === "--") {
      kept.push(...invocation.slice(at));
      break;
    }
    const next = invocation[at + 1] ?? "";
    if (word.startsWith("--out=") || (word.startsWith("-i") && masked.test(word))) continue;
    if (word === "--out" || (word === "-i" && masked.test(next))) at++;
    else kept.push(word);
  }
  return quoteWords(kept);
}

const masked = /\[masked:[^\]]*\]/;
