import type { Report } from "../../model/report.js";
import { placeholder, plain, type RichText } from "../../model/rich-text.js";
import { sections } from "../fold.js";
import { needsTerminal, terminalLines } from "../text/terminal.js";
import { createTextRedactor, type Redaction, type TextRedactor } from "./text.js";

/**
 * A report in which nothing stands that is to be redacted, so that no format can show it: in texts, keys, anchors and the names of files, across
 * colours and Markdown, and where a text was cut. What decides how a report is drawn (kinds, states, times, digests) stays.
 */
export function redactReport(report: Report, redactions: readonly Redaction[]): Report {
  if (redactions.length === 0) return report;
  const redactor = createTextRedactor(redactions);
  const walk = walker(redactor);
  const shown = walk(report, "") as Report; // the walk keeps the shape
  return { ...shown, redacted: redactor.counts() };
}

/** Words of casebook's own, times and digests. `why` is one too, where something was not examined. */
const kept: ReadonlySet<string> = new Set(
  (
    "type status state standing outcome kind risk language mode at started_at finished_at announced_at undone_at " +
    "sha256 journal_head manifest number"
  ).split(" "),
);

/** Under these keys stands data, whose keys are the author's or the host's. */
const data: ReadonlySet<string> = new Set(["value", "item", "inputs", "env"]);

function walker(redactor: TextRedactor): (value: unknown, key: string) => unknown {
  const anchors = createAnchors(redactor);

  const texts = (value: unknown): unknown => {
    if (typeof value === "string") return screenText(value, redactor.text);
    if (typeof value === "number") {
      const text = redactor.text(String(value));
      return text === String(value) ? value : text;
    }
    if (Array.isArray(value)) return value.map(texts);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [redactor.text(key), edged(key, inner, value) ?? texts(inner)]),
    );
  };

  /** The two ends of a text that was cut. */
  const edged = (key: string, value: unknown, around: object): string | null => {
    if (typeof value !== "string" || !("omitted_bytes" in around) || around.omitted_bytes === 0) return null;
    if (key === "head") return screenText(value, (text) => redactor.cut(text, "end"));
    return key === "tail" ? screenText(value, (text) => redactor.cut(text, "beginning")) : null;
  };

  const walk = (value: unknown, key: string): unknown => {
    if (data.has(key) && (key !== "value" || typeof value !== "string")) return texts(value);
    if (typeof value === "string") {
      if (kept.has(key)) return value;
      return key === "anchor" || key === "block" ? anchors(value) : screenText(value, redactor.text);
    }
    if (Array.isArray(value)) return value.map((inner) => walk(inner, ""));
    if (typeof value !== "object" || value === null) return value;
    if (isRich(value)) return richText(value, redactor);
    const isNotExamined = "why" in value && "what" in value && "anchor" in value;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => {
        const own = isNotExamined && name === "why" && !("pid" in value);
        return [name, own ? inner : (edged(name, inner, value) ?? walk(inner, name))];
      }),
    );
  };
  return walk;
}

/**
 * Anchors of which a part is hidden are numbered, the same wherever they are named. Those of sections are the page's own, and those of lines stand
 * below that of their block.
 */
function createAnchors(redactor: TextRedactor): (anchor: string) => string {
  const hidden = new Map<string, string>();
  const own: ReadonlySet<string> = new Set(sections);
  return (anchor) => {
    if (own.has(anchor)) return anchor;
    const [, block = anchor, line = ""] = /^(.*)(-[A-Z]\d+)$/.exec(anchor) ?? [];
    const known = hidden.get(block);
    if (known !== undefined) return `${known}${line}`;
    if (redactor.text(block) === block) return anchor;
    const fresh = `redacted-${hidden.size + 1}`;
    hidden.set(block, fresh);
    return `${fresh}${line}`;
  };
}

/** Colours and carriage returns may stand in the middle of a word: where that hides one, what a terminal shows stands in its place. */
function screenText(text: string, redact: (text: string) => string): string {
  const redacted = redact(text);
  if (!needsTerminal(redacted)) return redacted;
  const lines = terminalLines(redacted).map(({ runs }) => runs.map((run) => run.text).join(""));
  const shown = lines.join("\n");
  const again = redact(shown);
  return again === shown ? redacted : again;
}

const isRich = (value: object): value is RichText => "markdown" in value && "values" in value;

/** What the author wrote and the values in it, each and together; Markdown's own characters count for nothing in between. */
function richText(text: RichText, redactor: TextRedactor): RichText {
  const parts = text.markdown.split(/(\uE000\d+\uE001)/);
  const markdown = parts.map((part, index) => (index % 2 === 1 ? part : redactor.text(part))).join("");
  const redacted = { markdown, values: text.values.map(redactor.text) };
  const whole = plain(redacted);
  const bare = whole.replace(/[*_~`[\]\\]|\((?:https?:)?\/\/[^)]*\)/g, "");
  const anew = [whole, bare].find((one) => redactor.text(one) !== one);
  return anew === undefined ? redacted : { markdown: placeholder(0), values: [redactor.text(anew)] };
}
