import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { terminalLines, terminalText } from "../../src/report/text/terminal.js";
import { propertyOptions } from "../support/property.js";

const esc = "\u001b";

describe("a captured text as a terminal would show it", () => {
  test("colours become styles and leave the text", () => {
    expect(terminalLines(`${esc}[1;31mred${esc}[0m plain`)).toEqual([
      {
        runs: [
          { text: "red", style: "bold fg1" },
          { text: " plain", style: "" },
        ],
        overwritten: 0,
      },
    ]);
  });

  test("256 and true colours become the nearest of sixteen, in both notations", () => {
    for (const code of ["38;5;196", "38;2;250;10;10", "38:2::250:10:10", "38:5:9"]) {
      const [line] = terminalLines(`${esc}[${code}mx`);
      expect(line?.runs[0]?.style).toMatch(/^fg[19]$/);
    }
  });

  test("a style lasts over line ends until it is reset", () => {
    const lines = terminalLines(`${esc}[32mone\ntwo${esc}[mthree`);
    expect(lines[1]?.runs.map(({ style }) => style)).toEqual(["fg2", ""]);
  });

  test("a progress bar collapses to its last state and says how often it was drawn", () => {
    expect(terminalText("10%\r50%\r100%\ndone")).toEqual(["100% ⟲2", "done"]);
    expect(terminalText(`10% of it\r${esc}[K100%\n`)).toEqual(["100% ⟲1"]);
  });

  test("a shorter line over a longer one leaves the longer one's end, as on a terminal", () => {
    expect(terminalText("secret words\rplain\n")).toEqual(["plaint words ⟲1"]);
  });

  test("line ends of DOS are line ends", () => {
    expect(terminalText("one\r\ntwo\r\n")).toEqual(["one", "two"]);
  });

  test("backspaces overstrike", () => {
    expect(terminalText("ab\b\bxy")).toEqual(["xy"]);
  });

  test("a hyperlink is its text", () => {
    expect(terminalText(`${esc}]8;;http://example.org${esc}\\here${esc}]8;;${esc}\\!`)).toEqual(["here!"]);
    expect(terminalText(`${esc}]8;;http://example.org\u0007here${esc}]8;;\u0007!`)).toEqual(["here!"]);
  });

  test("what only sets modes, titles or character sets prints nothing", () => {
    expect(terminalText(`${esc}[?25l${esc}]0;title\u0007${esc}(Btext${esc}[?25h`)).toEqual(["text"]);
  });

  test("sequences that would move, clear or ask are shown", () => {
    expect(terminalText(`${esc}[2J${esc}[H${esc}[6nx`)).toEqual(["␛[2J␛[H␛[6nx"]);
  });

  test("a sequence that is cut or broken is shown, and hides nothing behind it", () => {
    expect(terminalText(`a${esc}[31`)).toEqual(["a␛[31"]);
    expect(terminalText(`a${esc}]8;;http://example.org`)).toEqual(["a␛]8;;http://example.org"]);
    expect(terminalText(`a${esc}[3\u0001mb`)).toEqual(["a␛[3␁mb"]);
    expect(terminalText(`${esc}]0;${"x".repeat(5000)}\u0007`)[0]).toHaveLength(5005);
  });

  test("bidi and other hidden characters are shown", () => {
    expect(terminalText("a\u202eb\u0000c\u009bd")).toEqual(["a‹U+202E›b␀c‹U+009B›d"]);
  });

  test("any bytes at all give lines without control characters", () => {
    const hostile = fc.array(
      fc.oneof(
        fc.constantFrom(
          esc,
          `${esc}[`,
          `${esc}]8;;`,
          "\r",
          "\b",
          "\n",
          "\u0007",
          "38;5;",
          "m",
          "K",
          "\u202e",
          "\u009b",
        ),
        fc.string({ unit: "binary", maxLength: 8 }),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(hostile, (parts) => {
        for (const line of terminalText(parts.join(""))) expect(line).not.toMatch(/[^\P{Cc}\t]|[\p{Cs}\u202e]/u);
      }),
      propertyOptions("terminal"),
    );
  });
});
