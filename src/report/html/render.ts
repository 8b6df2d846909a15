import { createHash } from "node:crypto";
import type { Report } from "../../model/report.js";
import { instantiate, type Template } from "../text/template.js";
import { escapeHtml } from "./escape.js";
import { htmlHelpers } from "./helpers.js";
import { partials, template } from "./page.js";
import { script } from "./script.js";
import { shortenedFor } from "./shorten.js";
import { style } from "./style.js";

/**
 * The report as one HTML page that asks for nothing from anywhere: its own Content-Security-Policy allows its one style and one
 * script by their hashes and nothing else.
 *
 * @param options.template a Handlebars template over `Report` in place of ours, with the same helpers and partials; `csp`,
 * `style` and `script` are there too
 */
export function renderHtml(report: Report, options: { readonly template?: Template } = {}): string {
  const page = instantiate(options.template ?? template, partials, escapeHtml, htmlHelpers());
  return page({ ...shortenedFor(report), style, script, csp });
}

const sha256 = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const csp = [
  "default-src 'none'",
  `style-src ${sha256(style)}`,
  `script-src ${sha256(script)}`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");
