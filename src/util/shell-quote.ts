/** One word for a POSIX shell: as it is where that is safe, else in single quotes. */
export function quoteWord(word: string): string {
  return /^[\w@%+:,./-]+$/.test(word) || /^[\w@%+:,./-]+=[\w@%+:,./-]*$/.test(word)
    ? word
    : `'${word.replace(/'/g, "'\\''")}'`;
}

/** An argument list as one would type it. A first word with `=` is quoted, or the shell would take it for an assignment. */
export function quoteWords(words: readonly string[]): string {
  return words
    .map((word, index) => (index === 0 && word.includes("=") ? `'${word.replace(/'/g, "'\\''")}'` : quoteWord(word)))
    .join(" ");
}
