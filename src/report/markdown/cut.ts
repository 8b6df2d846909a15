/** A line of a page and whether it stands inside a fenced block; both fences count as inside. */
interface FencedLine {
  readonly line: string;
  readonly start: number;
  readonly inside: boolean;
}

/** A fence opens after quote and list marks; an info string holds no backtick, which tells it from a code span (CommonMark 4.5). */
const opening = /^[> ]*(?:(?:-|\d+[.)]) +)*(`{3,})[^`]*$/;
const closing = /^[> ]*(`{3,})$/;

function* linesWithFences(page: string): Iterable<FencedLine> {
  let fence: string | null = null;
  for (let start = 0; start < page.length; ) {
    const next = page.indexOf("\n", start);
    const end = next === -1 ? page.length : next;
    const line = page.slice(start, end);
    const mark: string | undefined = (fence === null ? opening : closing).exec(line)?.[1];
    yield { line, start, inside: fence !== null || mark !== undefined };
    if (mark !== undefined && fence === null) fence = mark;
    else if (mark !== undefined && fence !== null && mark.length >= fence.length) fence = null;
    start = end + 1;
  }
}

/** Runs of blank lines become one, outside of fences. */
export function collapseBlankLines(page: string): string {
  const kept: string[] = [];
  let wasBlank = false;
  for (const { line, inside } of linesWithFences(page)) {
    const isBlank = !inside && line.trim() === "";
    if (!(isBlank && wasBlank)) kept.push(isBlank ? "" : line);
    wasBlank = isBlank;
  }
  return kept.join("\n");
}

/** The beginning of a page up to a limit, cut between two blocks outside of fences, with a line that says so. */
export function cutAt(page: string, limit: number): string {
  const notice =
    "\n\n*The rest is left out to keep this page below its limit; the HTML report and the journal hold all of it.*\n";
  let safe = 0;
  for (const { line, start, inside } of linesWithFences(page)) {
    if (start + line.length > limit - notice.length) break;
    if (!inside && line === "") safe = start;
  }
  return `${page.slice(0, safe).trimEnd()}${notice}`;
}
