import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";

export interface Opened {
  readonly page: Page;
  /** What the browser complained about, and what it asked for beside the page itself. */
  readonly troubles: readonly string[];
  /** Another page in place of this one. */
  replace(html: string): Promise<void>;
  close(): Promise<void>;
}

/** A browser for the tests of a file. */
export interface Pages {
  readonly browser: () => Browser;
  /** Shows a page from a file, as a person opens a report. */
  open(html: string, options?: BrowserContextOptions): Promise<Opened>;
}

export function pages(): Pages {
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
  return {
    browser: () => browser,
    async open(html, options = {}) {
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
      return {
        page,
        troubles,
        async replace(other) {
          await writeFile(file, other);
          await page.reload();
        },
        close: () => context.close(),
      };
    },
  };
}
