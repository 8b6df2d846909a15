/**
 * Any text as one word of a POSIX shell, for the input of a shell of ours: in single quotes, in which only the quote itself means
 * anything. Throws for a NUL, which no argument can hold.
 */
export function quote(text: string): string {
  if (text.includes("\0")) throw new Error("an argument cannot hold a NUL character");
  return `'${text.replaceAll("'", "'\\''")}'`;
}
