/** The bytes as text: what is not UTF-8 becomes U+FFFD, a byte order mark stays. */
export const decodeUtf8 = (bytes: Uint8Array): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

/** The first bytes of a longer text: a character cut at the end is left out. */
export const decodeHead = (bytes: Uint8Array): string =>
  new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes, { stream: true });

/** The last bytes of a longer text: a character cut at the beginning is left out. */
export function decodeTail(bytes: Uint8Array): string {
  let start = 0;
  // A character has at most three continuation bytes; more of them are no cut character.
  while (start < Math.min(3, bytes.length) && ((bytes[start] ?? 0) & 0xc0) === 0x80) start++;
  return decodeUtf8(bytes.subarray(start));
}
