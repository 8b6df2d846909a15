import type { Json } from "../model/json.js";
import type { Report } from "../model/report.js";
import { placeholders, plain, type RichText } from "../model/rich-text.js";
import type { RE2JS } from "../util/re2.js";
import { verbatim } from "./fold/texts.js";

/** What is taken out of reports: whatever matches, each kind under its name. */
export interface Redaction {
  readonly kind: string;
  readonly pattern: RE2JS;
}

/**
 * The report with `[redacted:kind]` in place of all that matches, whoever said it: the machine, the author or the command line. What
 * holds the report together (anchors, times, hashes, files of evidence) stays. `redacted` counts by kind.
 */
export function redactReport(report: Report, redactions: readonly Redaction[]): Report {
  if (redactions.length === 0) return report;
  const counts = new Map(redactions.map(({ kind }) => [kind, 0]));
  const text = (plainText: string): string =>
    redactions.reduce((left, redaction) => replaced(left, redaction, counts), plainText);

  const walk = (value: unknown, key: string, within: "report" | "data"): unknown => {
    if (typeof value === "string") return within === "report" && isStructure(key, value) ? value : text(value);
    if (typeof value === "number") return within === "data" ? numberOf(value, text) : value;
    if (Array.isArray(value)) return value.map((item) => walk(item, key, within));
    if (typeof value !== "object" || value === null) return value;
    if (isRichText(value)) return richText(value, text);
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => {
        const inside = within === "data" || data.has(name) ? "data" : "report";
        return [within === "data" ? text(name) : name, walk(inner, name, inside)];
      }),
    );
  };
  const redacted = walk(report, "", "report") as Report; // the same shape: only texts, and numbers within data, differ
  return { ...redacted, redacted: [...counts].map(([kind, count]) => ({ kind, count })) };
}

function replaced(text: string, { kind, pattern }: Redaction, counts: Map<string, number>): string {
  const parts: string[] = [];
  let from = 0;
  for (const matcher = pattern.matcher(text); matcher.find(); ) {
    parts.push(text.slice(from, matcher.start()), `[redacted:${kind}]`);
    from = matcher.end();
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return from === 0 ? text : [...parts, text.slice(from)].join("");
}

/** Fields that hold values of the run: whatever stands in them is no structure of the report. */
const data = new Set(["value", "item", "inputs", "env"]);

const structure =
  /^(anchor|block|type|status|state|standing|kind|language|outcome|risk|number|at|\w+_at|sha256|journal_head|manifest)$/;

/** `why` names a reason of the report's own in one place and holds a sentence in others. */
const isStructure = (key: string, value: string): boolean =>
  structure.test(key) || value.startsWith("evidence/") || (key === "why" && /^[a-z]+(-[a-z]+)*$/.test(value));

const isRichText = (value: object): value is RichText => "markdown" in value && "values" in value;

/** Places for values stay where they are, unless what matches goes beyond one: then the whole becomes plain text. */
function richText(rich: RichText, text: (plain: string) => string): RichText {
  const whole = plain(rich);
  const places = [...rich.markdown.matchAll(placeholders)].map(([place]) => place);
  const markdown = rich.markdown
    .split(new RegExp(placeholders.source.replace("(\\d+)", "\\d+")))
    .map((part, index) => `${text(part)}${places[index] ?? ""}`)
    .join("");
  const apart = { markdown, values: rich.values.map(text) };
  const together = text(whole);
  return plain(apart) === together ? apart : verbatim(together);
}

function numberOf(value: number, text: (plain: string) => string): Json {
  const shown = text(String(value));
  return shown === String(value) ? value : shown;
}
