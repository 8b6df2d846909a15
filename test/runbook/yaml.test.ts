import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDocument, Scalar, visit } from "yaml";
import { locateScalar } from "../../src/runbook/located.js";
import { openSource } from "../../src/runbook/source.js";
import { processorTime } from "../support/processor-time.js";
import { around, load, mistakes, pointed } from "./check.js";

const step = (more: string): string => around(`  - run: "true"\n${more}`);

describe("what YAML reads as something else", () => {
  const cases: readonly (readonly [what: string, more: string, expected: string, hint: string])[] = [
    ["a lone mustache", "    title: {{port}}\n", "unquoted-mustache: {{port}}", '"{{port}}"'],
    [
      "a mustache before text",
      "    title: {{port}} is open # yes\n",
      "unquoted-mustache: {{port}} is open",
      '"{{port}} is open"',
    ],
    ["a mustache in a flow list", "  - run: [echo, {{a}}, x{{b}}]\n", "unquoted-mustache: {{a}}", '"{{a}}"'],
    [
      "a mustache after text in a flow map",
      "  - sockets: { pid: 1{{a}}, state: listening }\n",
      "unquoted-mustache: 1{{a}}",
      '"1{{a}}"',
    ],
    ["a bang", "    when: !ready && true\n", "tag: !ready && true", '"!ready && true"'],
    ["a tag", "    title: !!str x\n", "tag: !!str x", '"!!str x"'],
    ["a star", "  - run: [find, *.go]\n", "alias: *.go", '"*.go"'],
    ["an ampersand", "    title: &a b\n", "anchor: &a b", '"&a b"'],
    ["a hash in double quotes", '  - run: echo "a #b"\n', 'cut-by-comment: echo "a #b"', "'echo \"a #b\"'"],
    ["a number sign", "    title: see issue #12\n", "cut-by-comment: see issue #12", '"see issue #12"'],
    ["a hash within a bracket", "    when: f(a # b)\n", "cut-by-comment: f(a # b)", '"f(a # b)"'],
    [
      "a comma in a call",
      "    require: [result.rows.exists(r, r.x == '1')]\n",
      "split-by-comma: result.rows.exists(r, r.x == '1')",
      "",
    ],
    [
      "a comma in a call in a map",
      "    expect: { e: result.rows.exists(r, true) }\n",
      "split-by-comma: result.rows.exists(r, true)",
      "",
    ],
    ["a colon and a space", "    title: a: b\n", "yaml: a", '"a: b"'],
    ["an index in a flow map", "    save: { a: result.lines[0] }\n", "yaml: [", '"result.lines[0]"'],
    ["quotes at the beginning", '    when: "a" == "b"\n', 'yaml: == "b"', '\'"a" == "b"\''],
    ["an at sign", "    title: @home\n", "yaml: @", '"@home"'],
    [
      "a mustache that ends a step in braces",
      "  - {run: x, title: on {{port}}}\n",
      "unquoted-mustache: on {{port}}",
      '"on {{port}}"',
    ],
    [
      "a mustache that ends braces within a step in braces",
      "  - {sockets: {pid: {{port}}}, title: x}\n",
      "unquoted-mustache: {{port}}",
      '"{{port}}"',
    ],
    ["a colon in a step in braces", "  - {run: x, title: a: b}\n", "yaml: a: b", '"a: b"'],
  ];

  it.each(cases)("is found, with the value in quotes: %s", (_, more, expected, hint) => {
    const found = mistakes(step(more));
    expect(pointed(step(more)).slice(0, 1)).toEqual([expected]);
    expect(found[0]?.hint ?? "").toContain(`quote it: ${hint}`);
  });

  it("is one mistake each, and hides no other", () => {
    for (const [, more, expected] of cases) {
      const text = `${step(more)}  - sokets: {}\n`;
      const others = pointed(text).filter((one) => one !== expected && !one.includes("{{b}}"));
      expect(others, more).toEqual(["unknown-kind: sokets"]);
    }
  });

  it("is not seen where there is nothing to see", () => {
    load(
      step(`    title: a # a comment
    note: |
      # A heading, {x} and a # b
    when: 1 < 2 # (why
    timeout: 5s #
    require: ["result.rows.exists(r, true)", result.exit_code == 0]
    expect: { a: size(result.rows) > 0, b: 'true' }
  - run: [grep, (, a]
  - run: awk '{print $1}' # it's fine
  - run: echo "{{" '}}'
`),
    );
  });
});

describe("refused YAML", () => {
  it("has keys twice, also where they are written differently", () => {
    expect(pointed(step("    title: a\n    title: b\n"))).toEqual(["duplicate-key: title"]);
    expect(pointed(step("    env: { A: a, 'A': b }\n"))).toEqual(["duplicate-key: 'A'"]);
  });

  it("has keys that are no text, or none, or that would reach behind objects", () => {
    expect(pointed(step("    env: { [a]: b }\n"))).toEqual(["key-not-text: [a]"]);
    expect(pointed(step("    env: { : b }\n"))).toEqual(["bad-key: "]);
    expect(pointed(step("    env: { __proto__: b }\n"))).toEqual(["bad-key: __proto__"]);
    expect(pointed(step("    env: { constructor: b, toString: c }\n"))).toEqual([]);
    expect(pointed(step("    constructor: b\n"))).toEqual(["unknown-key: constructor"]);
  });

  it("has several documents, or a directive for another version", () => {
    expect(pointed(`${step("")}---\n${step("")}`)).toEqual(["several-documents: ---"]);
    expect(pointed(`%YAML 1.1\n---\n${step("")}`)).toEqual(["yaml-version: %YAML 1.1"]);
    load(`---\n${step("")}...\n`);
    load(`\uFEFF${step("")}`);
    load(step("").replaceAll("\n", "\r\n"));
    load(step("    note: |\n      a\n      b\n").replaceAll("\n", "\r"));
    expect(mistakes(step("    tiitle: a\n").replaceAll("\n", "\r"))[0]?.place?.start).toMatchObject({
      line: 5,
      column: 5,
    });
  });

  it("is empty, no map, or holds control characters", () => {
    expect(mistakes("").map(({ code, message }) => [code, message])).toEqual([
      ["not-a-map", 'expected a runbook, which begins with "casebook: 1", found an empty file'],
    ]);
    expect(mistakes("# nothing\n")[0]?.message).toContain("an empty file");
    expect(mistakes("- a\n- b\n")[0]?.message).toMatch(/found a list$/);
    expect(mistakes("a text\n")[0]?.message).toMatch(/found a text$/);
    expect(mistakes("title: a\0b\n")[0]?.hint).toContain('"\\u0000"');
    expect(pointed(step("    title: a\u001b[31mb\n"))).toEqual(["control-character: \u001b"]);
  });

  it("is too large or too deep, which neither time nor stack pays for", () => {
    const all = () => {
      expect(mistakes(`title: ${"x".repeat(4 * 1024 * 1024)}`).map(({ code }) => code)).toEqual(["too-large"]);
      expect(mistakes("[".repeat(10_000)).map(({ code }) => code)).toEqual(["too-deep"]);
      expect(mistakes("{a: ".repeat(1_000_000)).map(({ code }) => code)).toEqual(["too-deep"]);
      expect(mistakes("- ".repeat(100_000)).map(({ code }) => code)).toEqual(["too-deep"]);
      const nested = Array.from({ length: 10_000 }, (_, depth) => `${" ".repeat(depth % 300)}a:\n`);
      expect(mistakes(nested.slice(0, 300).join("")).map(({ code }) => code)).toEqual(["too-deep"]);
    };
    expect(processorTime(all)).toBeLessThan(5000);
  });

  it("never throws, whatever the text", () => {
    const pieces = [
      "a",
      ":",
      " ",
      "\n",
      "- ",
      "{",
      "}",
      "[",
      "]",
      "{{",
      "}}",
      '"',
      "'",
      "#",
      "|",
      ">",
      "&x",
      "*x",
      "!t",
      "\t",
      ",",
      "? ",
      "casebook: 1\n",
      "steps:\n",
      "  - run: x\n",
      "---\n",
      "%",
      "@",
      "\\",
      "é",
      "😀",
    ];
    const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
    const runs = 3000;
    console.log(`${runs} random texts, seed ${seed}`);
    const text = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((parts) => parts.join(""));
    const ends = fc.property(text, text, (more, title) => {
      for (const one of mistakes(more)) expect(one.place?.end.offset ?? 0).toBeLessThanOrEqual(more.length);
      mistakes(around(`  - run: x\n    title: ${title}\n`, more));
    });
    fc.assert(ends, { numRuns: runs, seed });
  });
});

describe("a scalar's parts", () => {
  const places = (yaml: string, part: string): readonly (readonly [line: number, column: number])[] => {
    const source = openSource("x.yaml", yaml);
    const found: (readonly [number, number])[] = [];
    visit(parseDocument(yaml), {
      Scalar(key, node) {
        const located = locateScalar(node as Scalar, source);
        const at = located.text.indexOf(part);
        if (key !== "value" || at === -1) return;
        const place = located.place(at, at + part.length);
        found.push([place.start.line, place.start.column], [place.end.line, place.end.column]);
      },
    });
    return found;
  };

  it.each([
    ["plain", "a: say this now\n"],
    ["plain over lines", "a: say\n   this now\n"],
    ["in double quotes", 'a: "say this now"\n'],
    ["after escapes", 'a: "s\\u0061y \\"\\t\\x41\\n this now"\n'],
    ["in double quotes over lines", 'a: "say\n  \\\n   this now"\n'],
    ["in single quotes", "a: 'it''s this now'\n"],
    ["in a literal block", "a: |\n    say\n\n    this now\n"],
    ["in an indented literal block", "a: |2-\n   say\n   this now\n"],
    ["in a folded block", "a: >-\n  say\n  what\n\n  this now\n"],
    ["after an emoji", 'a: "\\U0001F600 😀 this now"\n'],
    ["with other line ends", "a: |\r\n  say\r\n  this now\r\n"],
  ])("are found in the file: %s", (_, yaml) => {
    const line = yaml.split("\n").findIndex((one) => one.includes("this"));
    const column = (yaml.split("\n")[line] ?? "").indexOf("this") + 1;
    expect(places(yaml, "this")).toEqual([
      [line + 1, column],
      [line + 1, column + 4],
    ]);
  });

  it("stay inside the scalar for any text in any style", () => {
    const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
    const runs = 2000;
    console.log(`${runs} random scalars, seed ${seed}`);
    const text = fc.array(fc.constantFrom("a", "b c", " ", "\n", "\n\n", '"', "'", "\\", "\t", "😀", ":", "#"), {
      maxLength: 20,
    });
    const style = fc.constantFrom(
      Scalar.PLAIN,
      Scalar.QUOTE_DOUBLE,
      Scalar.QUOTE_SINGLE,
      Scalar.BLOCK_LITERAL,
      Scalar.BLOCK_FOLDED,
    );
    fc.assert(
      fc.property(text, style, fc.integer({ min: 8, max: 80 }), (parts, type, lineWidth) => {
        const document = parseDocument("a: x\nz: y\n");
        const scalar = new Scalar(parts.join(""));
        scalar.type = type;
        document.set("a", scalar);
        const yaml = document.toString({ lineWidth });
        const node = parseDocument(yaml).get("a", true);
        if (!(node instanceof Scalar) || typeof node.value !== "string") return;
        const [start, end] = node.range ?? [0, 0];
        const located = locateScalar(node, openSource("x.yaml", yaml));
        let before = start;
        for (let at = 0; at < located.text.length; at++) {
          const place = located.place(at, at + 1);
          expect(place.start.offset).toBeGreaterThanOrEqual(before);
          expect(place.end.offset).toBeLessThanOrEqual(end + 1);
          if (/[abc:#]/.test(located.text[at] ?? "")) expect(yaml[place.start.offset]).toBe(located.text[at]);
          before = place.start.offset;
        }
      }),
      { numRuns: runs, seed },
    );
  });
});
