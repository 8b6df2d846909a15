import { describe, expect, test } from "vitest";
import { plain, type RichText } from "../../src/model/rich-text.js";
import { foldReport } from "../../src/report/fold.js";
import { renderHtml } from "../../src/report/html/render.js";
import { renderJson } from "../../src/report/json/render.js";
import { renderMarkdown } from "../../src/report/markdown/render.js";
import { redactReport } from "../../src/report/redact/report.js";
import type { Redaction } from "../../src/report/redact/text.js";
import { compileRe2 } from "../../src/util/re2.js";
import { poisoned } from "../support/poisoned.js";
import { rich, sampleCase, sampleKinds } from "../support/sample-events.js";

const sample = async () => {
  const { events, evidence } = sampleCase();
  return foldReport(events, sampleKinds, evidence);
};

const rule = (kind: string, pattern: string): Redaction => {
  const compiled = compileRe2(pattern);
  if (!compiled.ok) throw new Error(compiled.message);
  return { kind, replacement: `[redacted:${kind}]`, pattern: compiled.re2, forms: [] };
};

describe("a redacted report", () => {
  test("holds nothing of what matches, in any format, wherever the machine said it", async () => {
    const report = redactReport(poisoned(await sample(), "call 0170-1234567 now"), [rule("phone", "0\\d+-\\d{4,}")]);
    for (const page of [renderMarkdown(report), renderHtml(report), renderJson(report)]) {
      expect(page).not.toContain("1234567");
      expect(page).toContain("[redacted:phone]");
    }
    expect(report.redacted).toEqual([{ kind: "phone", count: expect.any(Number) }]);
    expect(report.redacted[0]?.count).toBeGreaterThan(50);
    expect(renderMarkdown(report)).toMatch(
      /- `phone`: taken out of this report \d+ times; journal and evidence have it/,
    );
  });

  test("keeps its links, marks, times and hashes, whatever the pattern", async () => {
    const whole = await sample();
    const report = redactReport(whole, [rule("word", "[a-z]+"), rule("digits", "\\d+")]);
    const page = renderHtml(report);
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, target] of page.matchAll(/ href="#([^"]+)"/g)) expect(ids).toContain(target);
    expect(report.status).toBe(whole.status);
    expect(report.timeline.map(({ at, status }) => [at, status])).toEqual(
      whole.timeline.map(({ at, status }) => [at, status]),
    );
    expect(report.not_examined.automatic.map(({ why }) => why)).toEqual(
      whole.not_examined.automatic.map(({ why }) => why),
    );
    expect(report.integrity).toEqual(whole.integrity);
    expect(renderMarkdown(report).length).toBeGreaterThan(1000);
  });

  test("has no values that match either, be they numbers or names within data", async () => {
    const report = redactReport({ ...(await sample()), inputs: { port: 10248, of: { "user-10248": [true, 10248] } } }, [
      rule("port", "10248"),
    ]);
    expect(report.inputs).toEqual({
      port: "[redacted:port]",
      of: { "user-[redacted:port]": [true, "[redacted:port]"] },
    });
  });

  test.each([
    ["in the author's words", rich("Ask **ann@example.org** about `{}`", "it"), "Ask **[redacted:mail]** about `it`"],
    ["in a value", rich("Ask {}", "ann@example.org"), "Ask [redacted:mail]"],
    ["across both", rich("Ask {}@example.org, {}", "ann", "soon"), "Ask [redacted:mail], soon"],
  ])("finds what stands %s", async (_, title: RichText, expected) => {
    const report = redactReport({ ...(await sample()), title }, [rule("mail", "[a-z]+@[a-z.]+[a-z]")]);
    expect(plain(report.title)).toBe(expected);
  });

  test("is the report itself where nothing is to be redacted", async () => {
    const report = await sample();
    expect(redactReport(report, [])).toBe(report);
  });
});
