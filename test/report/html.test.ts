import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import type { Report } from "../../src/model/report.js";
import { foldReport } from "../../src/report/fold.js";
import { renderHtml } from "../../src/report/html/render.js";
import { renderMarkdown } from "../../src/report/markdown/render.js";
import { pages } from "../support/pages.js";
import { poisoned } from "../support/poisoned.js";
import { hostileTexts } from "../support/property.js";
import { JournalOf, memoryEvidence, sampleCase, sampleKinds } from "../support/sample-events.js";

const { browser, open } = pages();

const sample = async (): Promise<Report> => {
  const { events, evidence } = sampleCase();
  return foldReport(events, sampleKinds, evidence);
};

/** Elements and attributes of the page, without its texts. */
const skeleton = (page: Page): Promise<string> =>
  page.evaluate(() => {
    // In the browser, which knows these names.
    const { document } = globalThis as unknown as {
      document: { querySelectorAll(all: string): Iterable<{ tagName: string; getAttributeNames(): string[] }> };
    };
    return [...document.querySelectorAll("body *")]
      .filter(({ tagName }) => tagName !== "SPAN" && tagName !== "DETAILS" && tagName !== "SUMMARY")
      .map((element) => `${element.tagName} ${element.getAttributeNames().join(" ")}`)
      .join("\n");
  });

describe("the HTML page in a browser", () => {
  test("breaks no rule of its own policy and asks for nothing", async () => {
    const { page, troubles, close } = await open(renderHtml(await sample()));
    await page.getByRole("button", { name: "Expand all" }).click();
    await page.emulateMedia({ media: "print" });
    expect(troubles).toEqual([]);
    const html = await page.content();
    expect(html).not.toMatch(/<[^>]+ (style|on\w+)=/);
    await close();
  });

  test("is whole without scripts and styles, under a server's sandbox", async () => {
    const html = renderHtml(await sample());
    const context = await browser().newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.route("http://127.0.0.1:9/report", (route) =>
      route.fulfill({
        contentType: "text/html; charset=utf-8",
        headers: { "Content-Security-Policy": "sandbox; default-src 'none'" },
        body: html,
      }),
    );
    await page.goto("http://127.0.0.1:9/report");
    const text = (await page.textContent("body")) ?? "";
    for (const part of [
      "port_zero",
      "so the kernel picks a free port",
      "2 changes were made, and all were put back.",
      "✗ refuted",
      "404 page not found",
      "+tcp LISTEN 127.0.0.1:41327",
      "Breakpoint 1 set at",
      "UDP listeners",
    ]) {
      expect(text).toContain(part);
    }
    expect(await page.locator("button, input").count()).toBe(0);
    await context.close();
  });

  test("keeps its elements whatever the machine said, and runs none of it", async () => {
    const report = await sample();
    const { page, troubles, replace, close } = await open(renderHtml(poisoned(report, "value")));
    const expected = await skeleton(page);
    const groups = [0, 1, 2, 3].map((group) => hostileTexts.filter((_, index) => index % 4 === group).join(" "));
    for (const value of [...groups, "</script><script>alert(1)</script>", "--></style><svg onload=alert(1)>"]) {
      await replace(renderHtml(poisoned(report, value)));
      expect(await skeleton(page), JSON.stringify(value)).toBe(expected);
    }
    expect(troubles).toEqual([]);
    await close();
  });

  test("shows hidden characters and colours, and collapses progress bars", async () => {
    const stdout =
      "\u001b[31mred\u001b[0m\n10%\r100%\n\u202ereversed\n\u001b]8;;http://example.org\u0007link\u001b]8;;\u0007\n";
    const { page, close } = await open(renderHtml(await withOutput(stdout)));
    const lines = await page.locator(".lines > span").allTextContents();
    expect(lines).toEqual(["red\n", "100% ⟲1\n", "‹U+202E›reversed\n", "link\n"]);
    expect(await page.locator(".lines .fg1").textContent()).toBe("red");
    expect(await page.locator(".lines a").count()).toBe(0);
    await close();
  });

  test("has an anchor for each step and each line, and opens what folds over it", async () => {
    const stdout = Array.from({ length: 300 }, (_, line) => `line ${line + 1}`).join("\n");
    const html = renderHtml(await withOutput(stdout));
    const { page, close } = await open(html);
    expect(await page.locator("#step-probe").count()).toBe(1);
    await page.goto(`${page.url()}#step-probe-stdout-L200`);
    const target = page.locator("#step-probe-stdout-L200");
    expect(await target.textContent()).toBe("line 200\n");
    expect(await target.isVisible()).toBe(true);
    expect(await page.locator("#step-probe-stdout .lines > span[data-n]").count()).toBe(300);
    expect(await target.getAttribute("data-n")).toBe("200");
    await close();
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("has the anchors of the Markdown, and beside them those of lines, rows, frames and turns", async () => {
    const report = await sample();
    const anchors = (page: string, pattern: RegExp) => new Set([...page.matchAll(pattern)].map(([, id]) => id ?? ""));
    const html = anchors(renderHtml(report), / id="([^"]+)"/g);
    const markdown = anchors(renderMarkdown(report), /<a id="([^"]+)"/g);
    expect([...markdown].filter((id) => !html.has(id))).toEqual([]);
    const within = /^h-|-(L-?|R|F|T)\d+$/;
    expect([...html].filter((id) => !markdown.has(id) && !within.test(id))).toEqual([]);
  });

  test("every link of its own leads somewhere", async () => {
    const html = renderHtml(await sample());
    const ids = new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    for (const [, target] of html.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
    for (const [, href] of html.matchAll(/href="([^"#][^"]*)"/g)) expect(href).toMatch(/^(evidence\/|https?:)/);
  });

  test.each([
    ["long lines", "y".repeat(64_000)],
    ["hardly anything but lines", "y\n".repeat(32_000)],
  ])("a gigabyte of output leaves a small page, of %s", async (_, head) => {
    const report = await sample();
    const output = {
      anchor: "x",
      type: "output",
      title: "stdout",
      head,
      tail: head.slice(0, 32_000),
      omitted_bytes: 2 ** 30,
      evidence: null,
    } as const;
    const [step] = report.steps;
    if (step === undefined) throw new Error("a step was expected");
    const steps = Array.from({ length: 300 }, (_, index) => ({
      ...step,
      anchor: `step-${index}`,
      blocks: [{ ...output, anchor: `step-${index}-stdout` }],
    }));
    expect(renderHtml({ ...report, steps }).length).toBeLessThan(5_000_000);
  });
});

async function withOutput(stdout: string): Promise<Report> {
  const journal = new JournalOf();
  const of = journal.of("probe");
  journal.start(of, "run").finish(of, "run", { result: { stdout } });
  return foldReport(journal.events, sampleKinds, memoryEvidence());
}
