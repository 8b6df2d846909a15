const wide =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\u33FF\u3400-\u4DBF\u4E00-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6]|[\u{16FE0}-\u{18DFF}\u{1AFF0}-\u{1B2FF}\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation}|\uFE0F/u;

const zero = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

/**
 * Columns that a grapheme (one user-perceived character) takes on a terminal: 2 for East Asian wide characters
 * (Unicode TR11) and emoji, 0 for a lone combining mark, else 1.
 */
export function displayWidth(grapheme: string): 0 | 1 | 2 {
  if (grapheme.length === 1 && grapheme < "\u0300") return 1;
  if (wide.test(grapheme)) return 2;
  return zero.test(grapheme) ? 0 : 1;
}
