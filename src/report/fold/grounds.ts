import type { Json } from "../../model/json.js";
import type { EvidenceLine, Ground } from "../../model/report.js";
import type { ReportBlock } from "../../model/report-step.js";
import type { BuiltStep, BuiltSteps } from "./steps.js";

/** What a verdict or a hypothesis rests on: the expectation, or the step, with the captured line that shows the values seen. */
export function groundOf(span: string, expectation: string | null, steps: BuiltSteps): Ground | null {
  const built = steps.bySpan.get(span);
  if (built === undefined) return null;
  const { step } = built;
  const seen = expectation === null ? undefined : step.expectations.find(({ name }) => name === expectation);
  const values = seen === undefined ? step.saved.map(({ value }) => value) : seen.seen.map(({ value }) => value);
  return {
    step: step.key,
    title: step.title,
    expectation: seen?.name ?? null,
    anchor: seen?.anchor ?? step.anchor,
    holds: seen === undefined || seen.state === "unknown" ? null : seen.state === "met",
    that: seen?.that ?? null,
    line: lineOf(values, built),
  };
}

/** How many texts of the values seen are looked for: enough to tell rows apart. */
const mostTexts = 40;

function lineOf(values: readonly Json[], { step }: BuiltStep): EvidenceLine | null {
  const texts: string[] = [];
  for (const value of values) gather(value, texts);
  if (texts.length === 0) return null;
  let best: EvidenceLine | null = null;
  let most = 0;
  for (const block of step.blocks) {
    for (const line of linesOf(block)) {
      const score = texts.filter((text) => line.text.includes(text)).length;
      if (score <= most) continue;
      most = score;
      best = line;
    }
  }
  return best === null ? null : { ...best, text: excerpt(best.text, texts) };
}

/** The turn of a session may be long: these many lines of it, from where the values stand. */
const mostLines = 12;

function excerpt(text: string, values: readonly string[]): string {
  const lines = text.replace(/\n$/, "").split("\n");
  if (lines.length <= mostLines) return text;
  const hit = lines.findIndex((line) => values.some((value) => line.includes(value)));
  const from = Math.max(0, Math.min(hit - 1, lines.length - mostLines));
  const to = from + mostLines;
  const more = (count: number): readonly string[] => (count <= 0 ? [] : [`… ${count} more lines`]);
  return [...more(from), ...lines.slice(from, to), ...more(lines.length - to)].join("\n");
}

/** The scalars of a value that would stand out in a line. */
function gather(value: Json, texts: string[]): void {
  if (texts.length >= mostTexts) return;
  if (typeof value === "string") {
    const line = value.trim();
    if (line.length >= 3 && !line.includes("\n") && !texts.includes(line)) texts.push(line);
  } else if (typeof value === "number") {
    const digits = String(value);
    if (digits.length >= 3 && !texts.includes(digits)) texts.push(digits);
  } else if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) gather(inner as Json, texts); // members of Json are Json
  }
}

function* linesOf(block: ReportBlock): Iterable<EvidenceLine> {
  const at = (id: string, label: string, text: string): EvidenceLine => ({
    anchor: `${block.anchor}-${id}`,
    block: block.anchor,
    label,
    text,
  });
  switch (block.type) {
    case "output": {
      yield* numbered(block.head, (line, index) => at(`L${index + 1}`, `${block.title}, line ${index + 1}`, line));
      const tail = block.tail.replace(/\n$/, "").split("\n");
      for (const [index, line] of block.tail === "" ? [] : tail.entries()) {
        const fromEnd = tail.length - index;
        yield at(`L-${fromEnd}`, `${block.title}, line ${fromEnd} from the end`, line);
      }
      return;
    }
    case "table":
      for (const [index, row] of block.rows.entries()) {
        yield at(`R${index + 1}`, `${block.title ?? "table"}, row ${index + 1}`, row.join("  "));
      }
      return;
    case "stack":
      for (const [index, frame] of block.frames.entries()) {
        yield at(
          `F${index + 1}`,
          `${block.title}, frame ${index + 1}`,
          `${frame.function} ${frame.file}:${frame.line}`,
        );
      }
      return;
    case "session":
      for (const [index, { input, output }] of block.turns.entries()) {
        yield at(`T${index + 1}`, `turn ${index + 1}, ${input}`, output);
      }
      return;
    case "facts":
      for (const [index, { label, value }] of block.facts.entries()) yield at(`F${index + 1}`, label, value);
      return;
    case "code":
      if (block.language !== "text") return;
      yield* numbered(block.text, (line, index) =>
        at(`L${index + 1}`, `${block.title ?? "lines"}, line ${index + 1}`, line),
      );
      return;
    case "text":
    case "diff":
      return;
    default:
      block satisfies never;
  }
}

function* numbered<T>(text: string, make: (line: string, index: number) => T): Iterable<T> {
  let index = 0;
  for (let start = 0; start < text.length; index++) {
    const end = text.indexOf("\n", start);
    yield make(end === -1 ? text.slice(start) : text.slice(start, end), index);
    if (end === -1) return;
    start = end + 1;
  }
}
