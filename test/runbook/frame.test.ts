import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import type { Diagnostic } from "../../src/model/diagnostic.js";
import { frame } from "../../src/runbook/frame.js";
import { openSource } from "../../src/runbook/source.js";

function show(text: string, part: string, more: Partial<Diagnostic> = {}): string {
  const start = text.indexOf(part);
  const place = openSource("a.yaml", text).place(start, start + part.length);
  return frame({ severity: "error", code: "c", message: "m", place, ...more }, text, { color: false });
}

/** The columns under the carets, cut out of the line above them. */
function underlined(shown: string): string {
  const [, , line = "", carets = ""] = shown.split("\n");
  const from = carets.indexOf("^");
  return line.slice(from, from + carets.trim().length - 2);
}

describe("a frame", () => {
  it("shows place, message, line, range and hint", () => {
    expect(show("a: 1\n  b: oops # c\n", "oops", { hint: 'did you mean "o"?' })).toBe(
      ["a.yaml:2:6: error: m [c]", "  |", "2 |   b: oops # c", "  |      ^^^^", '  = did you mean "o"?'].join("\n"),
    );
  });

  it("shows message and hint alone when there is no place", () => {
    const lost: Diagnostic = { severity: "warning", code: "c", message: "m", hint: "h" };
    expect(frame(lost, "", { color: false })).toBe("warning: m [c]\n  = h");
  });

  it("underlines what stands after tabs and wide characters", () => {
    expect(show("\ta\tb", "b").split("\n").slice(2)).toEqual(["1 |     a    b", "  |          ^"]);
    expect(show("日本😀é: x", "x").split("\n").slice(2)).toEqual(["1 | 日本😀é: x", "  |          ^"]);
    expect(show("a: 日本", "日本").split("\n")[3]).toBe("  |    ^^^^");
    expect(show("e\u0301👩‍👩‍👧: x", "x").split("\n")[3]).toBe("  |      ^");
  });

  it("shows a window of a long line", () => {
    const text = `${"a ".repeat(100_000)}HERE${" b".repeat(100_000)}`;
    const shown = show(text, "HERE");
    const [, , line = ""] = shown.split("\n");
    expect(line.length).toBeLessThan(115);
    expect(line).toMatch(/^1 \| ….*HERE.*…$/);
    expect(shown.split("\n")[3]?.indexOf("^")).toBe(line.indexOf("HERE"));
    const wide = show("x".repeat(5000), "x".repeat(5000)).split("\n");
    expect(wide[3]?.length).toBeLessThan(115);
  });

  it("shows the first line of a range over several", () => {
    expect(show("a: [1,\n  2]\nb: 1", "[1,\n  2]").split("\n").slice(2)).toEqual(["1 | a: [1,", "  |    ^^^"]);
  });

  it("points at the end of a line, of the file, and into other line ends", () => {
    expect(show("a:\nb: 1", "\nb").split("\n").slice(2)).toEqual(["1 | a:", "  |   ^"]);
    const place = openSource("a.yaml", "a: b").place(4);
    expect(frame({ severity: "error", code: "c", message: "m", place }, "a: b", { color: false })).toContain("|     ^");
    expect(show("a: b\r\nc: d\r\n", "b").split("\n").slice(2)).toEqual(["1 | a: b", "  |    ^"]);
  });

  it("never emits a control character of the file, the message or the hint", () => {
    const hostile = "\u001b[31m\u0007\u009b1m\u202e\u0000\u2028";
    const shown = show(`a: ${hostile}x`, "x", { message: hostile, hint: `${hostile}\r\n` });
    expect(shown).not.toMatch(/[^\P{Cc}\n]|[\u202e\u2028]/u);
    expect(shown).toContain("␛[31m␇‹U+009B›1m‹U+202E›␀‹U+2028›x");
    expect(underlined(show("a: \u001bx", "x"))).toBe("x");
  });

  it("is painted only when asked to", () => {
    const place = openSource("a.yaml", "a: b").place(3, 4);
    const painted = frame({ severity: "error", code: "c", message: "m", place }, "a: b", { color: true });
    expect(painted).toContain("\u001b[1;31merror:\u001b[0m");
    expect(stripVTControlCharacters(painted)).toBe(show("a: b", "b"));
  });
});
