/**
 * The byte sequences under which a secret may appear: as it is, JSON-escaped, URL-escaped, in base64, and as strace quotes it.
 * Longest first, without duplicates. Forms of fewer than four bytes are left out, they would hit everywhere.
 */
export function formsOf(secret: string): readonly Buffer[] {
  const bytes = Buffer.from(secret, "utf8");
  const texts = new Set([
    secret,
    ...jsonForms(secret),
    ...urlForms(secret),
    ...base64Forms(bytes),
    ...quotedForms(bytes),
  ]);
  return [...texts]
    .map((text) => Buffer.from(text, "utf8"))
    .filter((form) => form.length >= Math.min(4, bytes.length) && form.length > 0)
    .sort((a, b) => b.length - a.length);
}

/** JSON leaves a choice: the slash, everything beyond ASCII and (in Go) what HTML gives a meaning may stand escaped or not. */
function jsonForms(secret: string): string[] {
  const plain = JSON.stringify(secret).slice(1, -1);
  const html = plain.replace(/[<>&\u2028\u2029]/g, unicodeEscape);
  const texts = [plain, html].flatMap((text) => [text, text.replaceAll("/", "\\/")]);
  return texts.flatMap((text) => {
    const escaped = text.replace(/[\u007f-\uffff]/g, unicodeEscape);
    return [text, escaped, upperHex(text, /\\u[0-9a-f]{4}/g), upperHex(escaped, /\\u[0-9a-f]{4}/g)];
  });
}

const unicodeEscape = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** The hexadecimal digits of what the pattern finds in upper case; the letter before them stays. */
const upperHex = (text: string, pattern: RegExp): string =>
  text.replace(pattern, (code) => code.slice(0, 2) + code.slice(2).toUpperCase());

/** Encoders differ in which characters they leave alone, in the case of the digits, and in how they write a space. */
function urlForms(secret: string): string[] {
  const wellFormed = Buffer.from(secret).toString();
  const component = encodeURIComponent(wellFormed);
  const strict = component.replace(/[!'()*]/g, percent);
  const form = new URLSearchParams([["", wellFormed]]).toString().slice(1);
  const path = component.replace(/%(?:24|26|2B|2C|3A|3B|3D|40)/g, decodeURIComponent);
  const kept = [component, strict, form, path, encodeURI(wellFormed), component.replaceAll("%2F", "/")];
  return kept
    .flatMap((text) => [text, text.replaceAll("%20", "+")])
    .flatMap((text) => [text, text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())]);
}

const percent = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;

/**
 * Within a longer base64 text the secret begins at one of three alignments. Characters at its edges also carry bits of
 * its neighbours; what remains is determined by the secret alone.
 */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((before) => {
    const first = Math.ceil((8 * before) / 6);
    const end = Math.floor((8 * (before + bytes.length)) / 6);
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString("base64")
      .slice(first, end);
    return [encoded, encoded.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

/** strace: C escapes, octal as short as the next character allows, always three digits, or all in hexadecimal (`-x`, `-xx`). */
function quotedForms(bytes: Buffer): string[] {
  const codes = [...bytes];
  const hex = codes.map((code) => `\\x${code.toString(16).padStart(2, "0")}`).join("");
  const short = (lastInFull: boolean): string =>
    codes
      .map((code, index) => {
        const next = codes[index + 1];
        const digitFollows = next === undefined ? lastInFull : next >= 0x30 && next <= 0x37;
        return quoteByte(code, digitFollows);
      })
      .join("");
  return [hex, short(false), short(true), codes.map((code) => quoteByte(code, true)).join("")];
}

const cEscapes: Readonly<Record<number, string>> = {
  9: "\\t",
  10: "\\n",
  11: "\\v",
  12: "\\f",
  13: "\\r",
  34: '\\"',
  92: "\\\\",
};

function quoteByte(code: number, threeDigits: boolean): string {
  const named = cEscapes[code];
  if (named !== undefined) return named;
  if (code >= 0x20 && code < 0x7f) return String.fromCharCode(code);
  return `\\${code.toString(8).padStart(threeDigits ? 3 : 1, "0")}`;
}
