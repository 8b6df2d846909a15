import fc from "fast-check";
import { expect, test } from "vitest";
import { type Document, isMap, isScalar, isSeq, parseDocument } from "yaml";
import { compose } from "../../src/runbook/compose.js";
import { propertyOptions } from "../support/property.js";

const options = { version: "1.2", schema: "core", uniqueKeys: false, prettyErrors: false, logLevel: "silent" } as const;

/** All that is read of nodes: values, how scalars are written, and where everything stands. */
function shapeOf(node: unknown): unknown {
  if (isScalar(node)) return [node.value, node.type, node.source, node.range, node.tag, node.anchor];
  if (isSeq(node)) return [node.range, node.flow ?? false, node.tag, node.items.map(shapeOf)];
  if (!isMap(node)) return node;
  return [node.range, node.flow ?? false, node.tag, node.items.map(({ key, value }) => [shapeOf(key), shapeOf(value)])];
}

const saidOf = ({ errors, warnings }: Document.Parsed) =>
  [...errors, ...warnings].map(({ code, message, pos }) => [code, message, pos]);

function expectWhole(text: string): void {
  const composed = compose(text);
  const documents = "documents" in composed ? composed.documents : [];
  const whole = parseDocument(text, options);
  expect(documents).toHaveLength(1);
  for (const document of documents) {
    expect(shapeOf(document.contents)).toEqual(shapeOf(whole.contents));
    expect(saidOf(document)).toEqual(saidOf(whole));
    expect(document.range).toEqual(whole.range);
  }
}

/** Steps as people write them, and what makes a list hard to cut: comments, empty items, texts of several lines, faults. */
const step = fc.constantFrom(
  "  - run: echo one\n",
  "  - { run: echo, title: 'a: b' }\n",
  "  - id: x\n    run: |\n      - not: an item\n\n      more\n",
  "  - note: >-\n      folded\n\n    title: text\n      that goes on\n",
  "  -\n    run: below\n",
  "  -\n",
  "\n  # a comment of the list\n",
  "    # a comment of the item before\n",
  "# a comment of nothing\n",
  '  - title: "a text\n      - of two lines"\n',
  "  - [a, [b], {c: d}]\n",
  "  - - nested\n    - list\n",
);

const fault = fc.constantFrom(
  "  - run: {{x}}\n",
  "  - a: b: c\n",
  "   - off\n",
  "  - !tag x\n",
  '  - "open\n',
  "  - *a\n",
  "\t- x\n",
);

const long = fc.array(step, { minLength: 150, maxLength: 260 });

test("a long list composed in pieces is what it is as a whole", () => {
  fc.assert(
    fc.property(long, (steps) => expectWhole(`casebook: 1\nsteps:\n${steps.join("")}title: after\n`)),
    {
      numRuns: 60,
    },
  );
});

test("what is said of a faulty file is said of the whole, wherever the fault is", () => {
  fc.assert(
    fc.property(long, fault, fc.nat(), (steps, bad, at) => {
      const place = at % (steps.length + 1);
      expectWhole(
        `casebook: 1\nsteps:\n${[...steps.slice(0, place), bad, ...steps.slice(place)].join("")}title: after\n`,
      );
    }),
    propertyOptions("pieces with a fault", 60),
  );
});

test("two long lists at the top keep their own items", () => {
  const items = (name: string) => Array.from({ length: 200 }, (_, index) => `- ${name}${index}\n`).join("");
  expectWhole(`tags:\n${items("t")}steps:\n${items("s")}`);
});
