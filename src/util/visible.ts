/** Controls, format characters (bidi among them), line separators, lone surrogates, private use, letters that are blank. */
const hidden = String.raw`\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0`;
const onLine = new RegExp(`[${hidden}]`, "gu");
const inText = new RegExp(String.raw`(?![\n\t])[${hidden}]`, "gu");

/**
 * A text on one line: control characters, line ends included, become pictures (`␛`), what is invisible or turns the
 * direction of writing its code (`‹U+202E›`). Nothing of it can move a cursor, change a colour or hide what stands there.
 */
export const visibleLine = (text: string): string => text.replace(onLine, shown);

/** The same over many lines: newlines and tabs stay. */
export const visible = (text: string): string => text.replace(inText, shown);

function shown(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  // Joins emoji and letters of several scripts; harmless where it stands alone.
  if (code === 0x200d || code === 0x200c) return character;
  return `‹U+${code.toString(16).toUpperCase().padStart(4, "0")}›`;
}
