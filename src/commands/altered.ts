import { findingText, verifyCase } from "../journal/verify.js";
import { quoteWord } from "../util/shell-quote.js";
import { visibleLine } from "../util/visible.js";
import type { NamedCase } from "./case-argument.js";
import type { Io } from "./io.js";
import { formats, reportName } from "./running/reports.js";

/**
 * What of a case is not as it was written: a sentence each, the first of them told on standard error. Reports do not count: they are
 * renderings, which are made anew.
 */
export async function tellAltered(io: Io, { path, typed }: NamedCase): Promise<readonly string[]> {
  const renderings: readonly string[] = formats.map(reportName);
  const altered = (await verifyCase(path)).filter(({ file }) => !renderings.includes(file)).map(findingText);
  const [first] = altered;
  if (first !== undefined) {
    const rest = `\`casebook verify ${quoteWord(typed)}\` has the rest`;
    io.stderr.write(`casebook: ${visibleLine(`${typed} is not as it was written: ${first}; ${rest}`)}\n`);
  }
  return altered;
}
