import type { Report } from "../../model/report.js";
import { instantiate, type Template } from "../text/template.js";
import { collapseBlankLines, cutAt } from "./cut.js";
import { escapeText } from "./escape.js";
import { markdownHelpers } from "./helpers.js";
import { partials, template } from "./page.js";
import { details, shorten } from "./shorten.js";

/** A code host's limit for a comment, with room for what somebody writes around it. */
export const markdownLimit = 60_000;

/**
 * The report as Markdown of at most 60,000 characters (GitHub's flavour; CommonMark readers lose only the tables). Long
 * outputs are shortened first, with a line that says so.
 *
 * @param options.template a Handlebars template over `Report` in place of ours, with the same helpers and partials
 */
export function renderMarkdown(report: Report, options: { readonly template?: Template } = {}): string {
  const render = instantiate(options.template ?? template, partials, escapeText, markdownHelpers);
  for (const [level, detail] of details.entries()) {
    const isLast = level === details.length - 1;
    const { report: shortened, dropped } = shorten(report, detail);
    if (!isLast && weight(shortened) > markdownLimit) continue;
    const page = render({ ...shortened, dropped, shortened: level === 0 ? null : shortenedSentence });
    const tidy = `${collapseBlankLines(page).trim()}\n`;
    if (tidy.length <= markdownLimit) return tidy;
    if (isLast) return cutAt(tidy, markdownLimit);
  }
  throw new Error("no detail is the last one");
}

const shortenedSentence =
  "Long outputs are shortened here to keep this page below 60,000 characters; the HTML report and the evidence hold more.";

/** A lower bound of a page's length, cheap enough to spare a rendering that cannot fit. */
function weight(report: Report): number {
  let sum = report.timeline.length * 60;
  const pending = [...report.steps];
  for (let step = pending.pop(); step !== undefined && sum <= markdownLimit; step = pending.pop()) {
    sum += 80;
    for (const command of step.commands) sum += command.text.length;
    for (const block of step.blocks) {
      if (block.type === "output") sum += block.head.length + block.tail.length;
      else if ("text" in block) sum += block.text.length;
    }
    pending.push(...step.rounds, ...step.during);
  }
  return sum;
}
