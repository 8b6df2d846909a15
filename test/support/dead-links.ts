import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import markdownIt from "markdown-it";

const parser = markdownIt({ html: true, linkify: false });

/** Links of a case's pages that lead nowhere: to no anchor of the page, or to no file of the case. */
export async function deadLinks(folder: string): Promise<readonly string[]> {
  const markdown = linksOf(await readFile(join(folder, "report.md"), "utf8"));
  const html = await readFile(join(folder, "report.html"), "utf8");
  const page = {
    anchors: [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id ?? ""),
    hrefs: [...html.matchAll(/ href="([^"]+)"/g)].map(([, href]) => (href ?? "").replaceAll("&amp;", "&")),
  };
  return [...dead("report.md", markdown, folder), ...dead("report.html", page, folder)];
}

interface Links {
  readonly anchors: readonly string[];
  readonly hrefs: readonly string[];
}

function linksOf(markdown: string): Links {
  const tokens = parser.parse(markdown, {}).flatMap((token) => [token, ...(token.children ?? [])]);
  const written = tokens.filter(({ type }) => type.startsWith("html_")).map(({ content }) => content);
  return {
    anchors: written.flatMap((tag) => [...tag.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id ?? "")),
    hrefs: tokens.flatMap((token) => (token.type === "link_open" ? [String(token.attrGet("href"))] : [])),
  };
}

function dead(page: string, { anchors, hrefs }: Links, folder: string): readonly string[] {
  const known = new Set(anchors);
  const leads = (href: string): boolean => {
    if (href.startsWith("#")) return known.has(decodeURIComponent(href.slice(1)));
    return /^https?:/.test(href) || existsSync(join(folder, decodeURIComponent(href)));
  };
  return hrefs.filter((href) => !leads(href)).map((href) => `${page}: ${href}`);
}
