/** One line without its newline; `cut` when it was longer than the limit and only its beginning is here. */
export interface Line {
  readonly bytes: Uint8Array;
  readonly cut: boolean;
}

/**
 * Splits chunks into lines at LF, holding at most `limit` bytes of one line. A last line without a newline counts;
 * nothing after a last newline does not.
 */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  limit: number,
): AsyncGenerator<Line> {
  let held: Uint8Array[] = [];
  let size = 0;
  let cut = false;
  let begun = false;
  const keep = (part: Uint8Array): void => {
    begun ||= part.length > 0;
    const room = limit - size;
    if (part.length > room) cut = true;
    const kept = part.subarray(0, Math.max(room, 0));
    if (kept.length === 0) return;
    held.push(kept);
    size += kept.length;
  };
  const take = (): Line => {
    const line = { bytes: held.length === 1 ? (held[0] as Uint8Array) : Buffer.concat(held), cut }; // length was checked
    held = [];
    size = 0;
    cut = false;
    begun = false;
    return line;
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      keep(chunk.subarray(from, end));
      yield take();
      from = end + 1;
    }
    keep(chunk.subarray(from));
  }
  if (begun) yield take();
}
