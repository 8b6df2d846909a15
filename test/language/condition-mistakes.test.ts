import { describe, expect, test } from "vitest";
import { ofSteps } from "../support/mistakes.js";

describe("check names each mistake in a condition once, with the remedy:", () => {
  test("what other languages write in a condition", async () => {
    const wrong = ["$x == 1", 'result.stdout =~ "x"', 'result.lines.contains("x")'];
    expect(await ofSteps(wrong.map((text) => `  - { run: x, require: '${text}' }\n`).join(""))).toEqual([
      "4:25 expected an operator or the end, found $ (conditions are CEL: write the name without $)",
      "5:39 expected an operator or the end, found = (write text.matches(pattern))",
      "6:37 expected text.contains(text), found list of text, text (whether a list has an element is: element in list)",
    ]);
  });

  test("what a condition's texts and numbers cannot hold", async () => {
    const wrong = [`result.stdout.matches("^\\d+\\.")`, `"\\x1" == "a"`, `1e == 1`, `0x == 1`];
    expect(await ofSteps(wrong.map((text) => `  - { run: x, require: '${text}' }\n`).join(""))).toEqual([
      `4:49 expected an escape that CEL knows, found \\d (for a backslash write \\\\, or put r before the quotes, as in r"\\d+")`,
      `5:26 expected an escape that CEL knows, found \\x1 (for a backslash write \\\\, or put r before the quotes, as in r"\\d+")`,
      "6:27 expected a number, found 1e",
      "7:25 expected a number, found 0x",
    ]);
    expect(await ofSteps(`  - { run: x, require: "'a\\nb' == 'x'" }\n`)).toEqual([
      "4:27 expected a closing quote, found the end of the line (write \\n in the text)",
    ]);
  });

  test("mustaches in a condition", async () => {
    expect(await ofSteps("  - { id: a, run: x }\n  - { run: x, when: 'a.stdout == {{a.stdout}}' }\n")).toEqual([
      "5:34 expected a condition (CEL), found a mustache (conditions are CEL: write the name without mustaches)",
    ]);
  });

  test("functions as other languages call them", async () => {
    expect(await ofSteps("  - { run: x, require: len(result.stdout) > 1 }\n")).toEqual([
      '4:24 there is no function "len" (CEL calls it size(…))',
    ]);
  });

  test("a number in quotes, beside a number", async () => {
    const wrong = ['result.exit_code == "0"', '"1.5" < result.milliseconds', 'result.exit_code in ["0", "1"]'];
    const others = ["result.stdout == 5", 'result.exit_code != "none"'];
    expect(await ofSteps([...wrong, ...others].map((text) => `  - { run: x, require: '${text}' }\n`).join(""))).toEqual(
      [
        "4:25 expected two texts or two numbers, found int and text (write 0, without quotes)",
        "5:25 < expects two numbers, two texts or two times, found text and int (write 1.5, without quotes)",
        "6:25 expected two texts or two numbers, found int and text (write 0, without quotes)",
        "7:25 expected two texts or two numbers, found text and int (convert the text with int(…))",
        "8:25 expected two texts or two numbers, found int and text (convert the text with int(…))",
      ],
    );
  });
});
