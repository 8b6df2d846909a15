/** Where a text stops being JSON: `line` and `column` count from 1. */
export interface JsonMistake {
  readonly line: number;
  readonly column: number;
  /** What stands there, quoted, or `the end of the text`. */
  readonly found: string;
}

/** Whitespace, punctuation, a whole string, number or word of RFC 8259: what a JSON text is made of. */
const token =
  /[ \t\n\r]+|[{}[\]:,]|"(?:[ !#-[\]-\u{10ffff}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/uy;

/** The first mistake of a text that `JSON.parse` refused; V8's own message often names no position. */
export function findJsonMistake(text: string): JsonMistake {
  const open: ("{" | "[")[] = [];
  let want: "value" | "key" | "colon" | "more" | "end" = "value";
  let mayClose = false;
  let at = 0;
  while (at < text.length) {
    token.lastIndex = at;
    const found = token.exec(text)?.[0];
    if (found === undefined) return place(text, at);
    if (/^[ \t\n\r]/.test(found)) {
      at += found.length;
      continue;
    }
    const closes = found === "}" ? open.at(-1) === "{" : found === "]" && open.at(-1) === "[";
    if (closes && (want === "more" || mayClose)) {
      open.pop();
      want = open.length === 0 ? "end" : "more";
      mayClose = false;
    } else if (want === "value" && (found === "{" || found === "[")) {
      open.push(found);
      want = found === "{" ? "key" : "value";
      mayClose = true;
    } else if (want === "value" && !/^[{}[\]:,]/.test(found)) {
      want = open.length === 0 ? "end" : "more";
      mayClose = false;
    } else if (want === "key" && found.startsWith('"')) {
      want = "colon";
      mayClose = false;
    } else if (want === "colon" && found === ":") {
      want = "value";
    } else if (want === "more" && found === ",") {
      want = open.at(-1) === "{" ? "key" : "value";
    } else {
      return place(text, at);
    }
    at += found.length;
  }
  return place(text, text.length);
}

function place(text: string, at: number): JsonMistake {
  const before = text.slice(0, at);
  return {
    line: before.split("\n").length,
    column: at - before.lastIndexOf("\n"),
    found: at === text.length ? "the end of the text" : JSON.stringify(text.slice(at, at + 20)),
  };
}
