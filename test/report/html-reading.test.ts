import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import type { Report } from "../../src/model/report.js";
import type { ReportStep } from "../../src/model/report-step.js";
import { foldReport } from "../../src/report/fold.js";
import { renderHtml } from "../../src/report/html/render.js";
import { pages } from "../support/pages.js";
import { sampleCase, sampleKinds } from "../support/sample-events.js";

const { open } = pages();

const sample = async (): Promise<Report> => {
  const { events, evidence } = sampleCase();
  return foldReport(events, sampleKinds, evidence);
};

describe("a reader of the HTML page", () => {
  const screens = [
    ["light", 1280],
    ["dark", 1280],
    ["light", 400],
    ["dark", 400],
  ] as const;
  for (const [colorScheme, width] of screens) {
    test(`has nothing that axe finds, in the ${colorScheme} theme, ${width} pixels wide`, async () => {
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
        viewport: { width, height: 16_000 },
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

  test("sees all of it on a narrow screen, with no word cut off at the side", async () => {
    const { page, close } = await open(renderHtml(await sample()), { viewport: { width: 400, height: 900 } });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(400);
    const wider =
      "[...document.querySelectorAll('.cards')].filter((one) => one.scrollWidth > 400 || one.offsetWidth > 400)";
    expect(await page.evaluate(`${wider}.length`)).toBe(0);
    expect(await page.locator(".contents").getByText("What answers?").isVisible()).toBe(true);
    // Without its heads, each cell of such a table says what it is.
    const label = "getComputedStyle(document.querySelector('#host .cards [data-label=State]'), '::before').content";
    expect(await page.evaluate(label)).toBe('"State"');
    // Nothing lies over the heading to which a link leads.
    const url = page.url();
    await page.goto("about:blank");
    await page.goto(`${url}#step-probe`);
    const heading = page.locator("#h-step-probe");
    const { x, y } = (await heading.boundingBox()) ?? { x: -1, y: -1 };
    expect(await page.evaluate(`document.elementFromPoint(${x + 3}, ${y + 3})?.closest("[id]").id`)).toBe(
      "h-step-probe",
    );
    await close();
  });

  test.each([true, false])("comes to the step that a link names; scripts run: %s", async (javaScriptEnabled) => {
    const report = await sample();
    const [step] = report.steps;
    if (step === undefined) throw new Error("a step was expected");
    const long = (anchor: string, during: Report["steps"] = []): ReportStep => ({
      ...step,
      anchor,
      during,
      blocks: [{ anchor: `${anchor}-text`, type: "code", language: "go", text: "line\n".repeat(60), title: null }],
    });
    const within = (index: number) => [1, 2, 3, 4].map((inner) => long(`step-${index}-${inner}`));
    const steps = Array.from({ length: 12 }, (_, index) => long(`step-${index}`, within(index)));
    const { page, close } = await open(renderHtml({ ...report, steps }), { javaScriptEnabled });
    const url = page.url();
    for (const anchor of ["step-9", "step-3-2", "step-7-4"]) {
      await page.goto("about:blank");
      await page.goto(`${url}#${anchor}`);
      await page.screenshot(); // by now all that is in sight has its size
      // Below the bar that stays in sight.
      expect((await page.locator(`#${anchor}`).boundingBox())?.y).toBeCloseTo(64, -1);
    }
    await close();
  });

  test("is told by the contents where the page stands", async () => {
    const { page, close } = await open(renderHtml(await sample()));
    const here = page.locator(".contents [aria-current]");
    await page.evaluate("document.getElementById('step-probe').scrollIntoView()");
    await page.locator(".contents [aria-current][href='#step-probe']").waitFor();
    await page.evaluate("document.getElementById('question').scrollIntoView()");
    await page.locator(".contents [aria-current][href='#question']").waitFor();
    expect(await here.count()).toBe(1);
    await close();
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
