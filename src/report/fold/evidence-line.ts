import type { EvidenceLine } from "../../model/ground.js";
import type { Json } from "../../model/json.js";
import type { ReportBlock } from "../../model/report-step.js";

/** How many texts of the values seen are looked for: enough to tell rows apart. */
const mostTexts = 120;

/** The line of a step's blocks that shows most of the values; null when none shows any. */
export function lineOf(values: readonly Json[], blocks: readonly ReportBlock[]): EvidenceLine | null {
  const texts: string[] = [];
  for (const value of values) gather(value, texts);
  if (texts.length === 0) return null;
  let best: EvidenceLine | null = null;
  let most = 0;
  for (const block of blocks) {
    for (const line of linesOf(block)) {
      // As many as possible; of as many the longest, which are the least likely to stand there by chance.
      const shown = texts.filter((text) => line.text.includes(text));
      const score = shown.length + shown.join("").length / 1e6;
      if (score <= most) continue;
      most = score;
      best = line;
    }
  }
  return best === null ? null : { ...best, text: excerpt(best.text, texts) };
}

/** The turn of a session may be long: these many lines of it. */
const mostLines = 12;

/** The part of a long text in which most of the values stand that stand nowhere else in it. */
function excerpt(text: string, values: readonly string[]): string {
  const lines = text.replace(/\n$/, "").split("\n");
  if (lines.length <= mostLines) return text;
  const weights = lines.map(() => 0);
  for (const value of values) {
    const hits = [...lines.keys()].filter((index) => lines[index]?.includes(value));
    // What stands once tells more than many lines of what stands everywhere.
    for (const index of hits) weights[index] = (weights[index] ?? 0) + 1 / hits.length ** 3;
  }
  const sum = (from: number): number => weights.slice(from, from + mostLines).reduce((all, weight) => all + weight, 0);
  let best = 0;
  for (let from = 1; from <= lines.length - mostLines; from++) if (sum(from) > sum(best) + 1e-9) best = from;
  // It begins with what stands out, since a reader may see no more than its beginning.
  const threshold = Math.max(...weights.slice(best, best + mostLines)) * 0.8;
  const from = weights.findIndex((weight, index) => index >= best && weight >= threshold);
  const to = Math.min(lines.length, from + mostLines);
  const more = (isCut: boolean): readonly string[] => (isCut ? ["…"] : []);
  return [...more(from > 0), ...lines.slice(from, to), ...more(to < lines.length)].join("\n");
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
    for (const [key, inner] of Object.entries(value)) {
      // Too short to stand out alone, as a debugger prints it.
      if (!Array.isArray(value) && isShort(inner as Json)) texts.push(`${key} = ${inner}`);
      else gather(inner as Json, texts); // members of Json are Json
    }
  }
}

const isShort = (value: Json): boolean =>
  (typeof value === "string" && value !== "" && value.length < 3) ||
  (typeof value === "number" && String(value).length < 3);

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
      // One with a title is what was given to a command.
      if (block.language !== "text" || block.title !== null) return;
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
