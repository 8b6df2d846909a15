import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { formsOf } from "../../src/engine/mask-forms.js";
import type { Report } from "../../src/model/report.js";
import { foldReport } from "../../src/report/fold.js";
import { renderHtml } from "../../src/report/html/render.js";
import { renderJson } from "../../src/report/json/render.js";
import { renderMarkdown } from "../../src/report/markdown/render.js";
import { redactReport } from "../../src/report/redact/report.js";
import type { Redaction } from "../../src/report/redact/text.js";
import { compileRe2 } from "../../src/util/re2.js";
import { propertyOptions } from "../support/property.js";
import { memoryEvidence, sampleCase, sampleKinds } from "../support/sample-events.js";

let sample: Report;
beforeAll(async () => {
  const { events, evidence } = sampleCase();
  sample = await foldReport(events, sampleKinds, evidence);
});

const textRule = (kind: string, text: string, replacement = `[redacted:${kind}]`): Redaction => ({
  kind,
  replacement,
  pattern: null,
  forms: formsOf(text).map((form) => form.toString("utf8")),
});

function patternRule(kind: string, pattern: string): Redaction {
  const compiled = compileRe2(pattern);
  if (!compiled.ok) throw new Error(compiled.message);
  return { kind, replacement: `[redacted:${kind}]`, pattern: compiled.re2, forms: [] };
}

/** Ways in which a text comes into a report. */
const wraps: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => `before ${text} after`,
  (text) => JSON.stringify({ key: text }),
  (text) => encodeURIComponent(`?q=${text}`),
  (text) => Buffer.from(`x${text}y`).toString("base64"),
  (text) => `\u001b[31m${text.slice(0, 2)}\u001b[0m${text.slice(2)}\n`,
  (text) => `${text.slice(0, 3)}\u001b[1m${text.slice(3)}`,
  (text) => `half of it\r${text}`,
  (text) => `**${text}**`,
  (text) => `<b>${text}</b>`,
  (text) => `\`${text}\``,
];

/** Every text of a report that is not one of casebook's own words. */
const own = new Set(
  "type status state standing kind risk language at started_at finished_at announced_at undone_at sha256 journal_head manifest number outcome anchor block why".split(
    " ",
  ),
);

function withText(report: Report, put: (path: readonly string[], text: string) => string): Report {
  const walk = (value: unknown, path: readonly string[]): unknown => {
    if (typeof value === "string") return own.has(path.at(-1) ?? "") ? value : put(path, value);
    if (Array.isArray(value)) return value.map((inner, index) => walk(inner, [...path, String(index)]));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner, [...path, key])]));
  };
  return walk(report, []) as Report;
}

const unescaped = (html: string): string =>
  html
    .replace(/<(style|script)[\s\S]*?<\/\1>/g, "")
    .replace(/<[^>]*>/g, "")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"')
    .replace(/&#(?:39|x27);/g, "'")
    .replace(/&amp;/g, "&");

function expectHidden(report: Report, hidden: string): void {
  for (const [format, text] of [
    ["md", renderMarkdown(report)],
    ["html", renderHtml(report)],
    ["json", renderJson(report)],
  ] as const) {
    const where = (found: string): string =>
      `${format}: …${found.slice(Math.max(0, found.indexOf(hidden) - 80), found.indexOf(hidden) + 80)}…`;
    const forms = [text, format === "html" ? unescaped(text) : text.replace(/[\\*_`]/g, "")];
    for (const form of forms) if (form.includes(hidden)) expect.fail(where(form));
  }
}

test("a redacted text is in no report, wherever it stood and however it was wrapped, escaped or cut", () => {
  const letters = fc.constantFrom(..."abcdXYZ0189é&<'\"/%+");
  const text = fc
    .array(letters, { minLength: 6, maxLength: 14 })
    .map((all) => `q${all.join("")}Z`)
    // Markdown's own letters are stripped before the comparison.
    .filter((one) => !/[\\*_`]/.test(one));
  fc.assert(
    fc.property(text, fc.nat(), fc.integer({ min: 3, max: 40 }), (hidden, seed, every) => {
      let count = seed;
      const put = (_: readonly string[], found: string): string => {
        const wrap = wraps[++count % wraps.length] ?? String;
        return count % every === 0 ? `${found}${wrap(hidden)}` : found;
      };
      const report = withText(sample, put);
      const redacted = redactReport(report, [textRule("thing", hidden, "‹gone›")]);
      expectHidden(redacted, hidden);
      expect(redacted.redacted).toEqual([{ kind: "thing", count: expect.any(Number) }]);
    }),
    propertyOptions("redacted reports", 40),
  );
});

test("every text of the report is looked at, one after the other", () => {
  const hidden = "qHidden&<Thing>";
  const places: string[] = [];
  withText(sample, (path, text) => {
    places.push(path.join("."));
    return text;
  });
  const distinct = [...new Map(places.map((place) => [place.replace(/\.\d+/g, ".#"), place])).values()];
  for (const place of distinct) {
    const report = withText(sample, (path, text) => (path.join(".") === place ? `${text} ${hidden}` : text));
    const redacted = redactReport(report, [textRule("thing", hidden)]);
    expect(JSON.stringify(redacted), place).not.toContain("qHidden");
    expect(redacted.redacted[0]?.count, place).toBeGreaterThan(0);
    expectHidden(redacted, hidden);
  }
  expect(distinct.length).toBeGreaterThan(60);
});

test("of a text that was cut the part that is left is hidden as well", () => {
  const [step] = sample.steps;
  if (step === undefined) throw new Error("the sample has steps");
  const block = { type: "output", anchor: "x", title: "stdout", omitted_bytes: 9, evidence: null } as const;
  const cut = { ...block, head: "it is correct-ho", tail: "orse-battery here" };
  const report = { ...sample, steps: [{ ...step, blocks: [cut] }] };
  const [shown] = redactReport(report, [textRule("word", "correct-horse-battery")]).steps;
  expect(shown?.blocks[0]).toMatchObject({ head: "it is [redacted:word]", tail: "[redacted:word] here" });
});

test("what an author's Markdown and its values say together is hidden", () => {
  for (const text of [
    { markdown: "The host db-\uE0000\uE001 is slow", values: ["internal"] },
    { markdown: "The host **db**-inter`nal`", values: [] },
    { markdown: "[db-](https://x.example/)internal", values: [] },
  ]) {
    const shown = redactReport({ ...sample, title: text }, [textRule("host", "db-internal")]);
    expectHidden(shown, "db-internal");
    expect(unescaped(renderHtml(shown))).toContain("[redacted:host]");
  }
});

test("a pattern never touches where a value goes in, and a report stays one, whatever it hides", () => {
  for (const pattern of ["\\d+", "[a-z]+", ".", "(?i)[A-Z0-9._%+-]+@[A-Z0-9.-]+", "step"]) {
    const shown = redactReport(sample, [patternRule("p", pattern)]);
    for (const render of [renderMarkdown, renderHtml, renderJson])
      expect(render(shown).length, pattern).toBeGreaterThan(1000);
    expect(shown.steps.length).toBe(sample.steps.length);
    expect(shown.status).toBe(sample.status);
  }
  const digits = redactReport({ ...sample, title: { markdown: "Port \uE0000\uE001", values: ["8080"] } }, [
    patternRule("n", "\\d+"),
  ]);
  expect(digits.title).toEqual({ markdown: "Port \uE0000\uE001", values: ["[redacted:n]"] });
});

test("anchors stay links, also where they would show what is hidden", () => {
  const { key } = sample.steps.find(({ key: one }) => /^[a-z]{5,}$/.test(one)) ?? {};
  if (key === undefined) throw new Error("the sample has a step with a name");
  const html = renderHtml(redactReport(sample, [textRule("step", key)]));
  const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [, href] of html.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(href);
  expect(unescaped(html)).not.toMatch(new RegExp(`\\b${key}\\b`));
});

test("a report of nothing is redacted as well", async () => {
  const empty = await foldReport([], sampleKinds, memoryEvidence());
  expect(redactReport(empty, [textRule("x", "nothing")]).redacted).toEqual([{ kind: "x", count: 0 }]);
});
