import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../../src/model/report.js";
import { foldReport } from "../../src/report/fold.js";
import { renderHtml } from "../../src/report/html/render.js";
import { poisoned } from "../support/poisoned.js";
import { hostileTexts } from "../support/property.js";
import { JournalOf, memoryEvidence, sampleCase, sampleKinds } from "../support/sample-events.js";

let browser: Browser;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "casebook-report-"));
  browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  });
});

afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

const sample = async (): Promise<Report> => {
  const { events, evidence } = sampleCase();
  return foldReport(events, sampleKinds, evidence);
};

interface Opened {
  readonly page: Page;
  /** What the browser complained about, and what it asked for beside the page itself. */
  readonly troubles: readonly string[];
  close(): Promise<void>;
}

async function open(html: string, options: BrowserContextOptions = {}): Promise<Opened> {
  const file = join(folder, "report.html");
  await writeFile(file, html);
  const url = pathToFileURL(file).href;
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on("console", (message) => troubles.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => troubles.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => troubles.push(`dialog: ${dialog.message()}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(url)) troubles.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  return { page, troubles, close: () => context.close() };
}

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

  for (const colorScheme of ["light", "dark"] as const) {
    test(`has nothing that axe finds, in the ${colorScheme} theme`, async () => {
      const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
      const coloured = JSON.parse(
        JSON.stringify(await sample()).replaceAll("404 page not found", everyStyle),
      ) as Report; // the same shape
      // Several links below one another, and a script that is folded.
      const crowded = {
        ...coloured,
        hypotheses: coloured.hypotheses.map((one) => ({
          ...one,
          supports: one.supports.flatMap((ground) =>
            ["verdict", "host", "steps"].map((anchor) => ({ ...ground, anchor })),
          ),
        })),
        steps: coloured.steps.map((step) => ({
          ...step,
          commands: step.commands.map((command) => ({ ...command, text: `${command.text}\n`.repeat(12) })),
        })),
      };
      const { page, close } = await open(renderHtml(crowded), {
        colorScheme,
        viewport: { width: 1280, height: 12_000 },
      });
      await page.getByRole("button", { name: "Expand all" }).click();
      await page.evaluate(axe);
      const found = await page.evaluate(
        "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })",
      );
      const { violations } = found as {
        violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
      }; // axe's documented result
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`)).toEqual([]);
      await close();
    });
  }

  test("is whole without scripts and styles, under a server's sandbox", async () => {
    const html = renderHtml(await sample());
    const context = await browser.newContext({ javaScriptEnabled: false });
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
    const { page, troubles, close } = await open(renderHtml(poisoned(report, "value")));
    const expected = await skeleton(page);
    const groups = [0, 1, 2, 3].map((group) => hostileTexts.filter((_, index) => index % 4 === group).join(" "));
    for (const value of [...groups, "</script><script>alert(1)</script>", "--></style><svg onload=alert(1)>"]) {
      await writeFile(join(folder, "report.html"), renderHtml(poisoned(report, value)));
      await page.reload();
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

  test("every link of its own leads somewhere", async () => {
    const html = renderHtml(await sample());
    const ids = new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    for (const [, target] of html.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
    for (const [, href] of html.matchAll(/href="([^"#][^"]*)"/g)) expect(href).toMatch(/^(evidence\/|https?:)/);
  });

  test("filters steps, walks them by key, and lets the keys be turned off", async () => {
    const { page, close } = await open(renderHtml(await sample()));
    await page.keyboard.press("/");
    await page.keyboard.type("tolerated");
    expect(await page.locator(".step:not([hidden])").count()).toBe(1);
    await page.keyboard.press("Escape");
    expect(await page.locator(".step:not([hidden])").count()).toBe(14);
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    const focused = () => page.evaluate("document.activeElement.id");
    const second = await focused();
    expect(second).toBe("step-upstream_issues");
    await page.keyboard.press("k");
    expect(await focused()).toBe("step-note-1");
    await page.keyboard.press("?");
    await page.getByLabel("Single keys act on this page").uncheck();
    await page.getByRole("button", { name: "Close" }).click();
    const before = await focused();
    await page.keyboard.press("j");
    expect(await focused()).toBe(before);
    await close();
  });

  test("changes its theme and copies a command", async () => {
    const { page, close } = await open(renderHtml(await sample()), {
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const paper = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
    await page.getByRole("button", { name: /^Theme/ }).click();
    const light = await paper();
    await page.getByRole("button", { name: /^Theme/ }).click();
    expect(await paper()).not.toBe(light);
    await page.getByRole("button", { name: "Copy this command" }).nth(0).click();
    await page.getByText("Copied").waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe(
      'gh search issues "kubelet random port" --limit 5',
    );
    await close();
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

const everyStyle = Array.from({ length: 48 }, (_, index) => {
  const code =
    index < 8
      ? 30 + index
      : index < 16
        ? 82 + index
        : index < 24
          ? 24 + index
          : index < 32
            ? 76 + index
            : 1 + (index % 9);
  return `\\u001b[${code}mstyle ${code}\\u001b[0m \\u001b[2;31;4${index % 8}mboth\\u001b[0m`;
}).join("\\n");

async function withOutput(stdout: string): Promise<Report> {
  const journal = new JournalOf();
  const of = journal.of("probe");
  journal.start(of, "run").finish(of, "run", { result: { stdout } });
  return foldReport(journal.events, sampleKinds, memoryEvidence());
}
