import type { Block } from "../../model/block.js";
import { isJsonObject } from "../../model/json.js";
import type { StepKind } from "../../model/step-kind.js";
import { quoteWords } from "../../util/shell-quote.js";
import { searchCommand } from "./command.js";
import { observe } from "./observe.js";
import { read, type Searched } from "./read.js";
import { result, type SearchResult, type SearchSpec, spec, tools } from "./spec.js";

/** Matches that a report shows with the lines around them. */
const shownMatches = 50;

/** Searches the source of the system under investigation. */
export const search: StepKind<SearchSpec, Searched, SearchResult> = {
  name: "search",
  doc:
    "Searches text files on the host for lines that match an RE2 pattern, with ripgrep, else `git grep`, else `grep`. All files are " +
    "searched, whatever a .gitignore says, except Git's own folders and binary files.",
  example: `id: suspects
search: { code: 'net\\.Listen\\(.*:0"', in: /usr/local/src/app, files: ["*.go"], except: ["*_test.go", vendor] }
expect:
  found: result.count > 0`,
  spec,
  result,
  outline(written) {
    const tool = {
      any: tools,
      packages: ["ripgrep", "git", "grep"],
      why: "search in files",
      version: ["--version"],
    };
    const parsed = spec.safeParse(written);
    const shown = isJsonObject(written) ? `search for ${String(written.code)} in ${String(written.in)}` : "search";
    const command = parsed.success
      ? quoteWords(searchCommand("rg", parsed.data, { folder: parsed.data.in, path: parsed.data.in }).argv)
      : shown;
    return { risk: "observe", tools: [tool], commands: [command], changes: [] };
  },
  observe,
  read,
  view(_, { matches, count, truncated }) {
    const found = `${count} ${count === 1 ? "line matches" : "lines match"}${truncated ? "; not all were searched or kept" : ""}.`;
    const rest = matches.length - Math.min(matches.length, shownMatches);
    const text: Block = { type: "text", text: rest === 0 ? found : `${found} The first ${shownMatches}:` };
    return matches.length === 0 ? [text] : [text, listing(matches.slice(0, shownMatches))];
  },
};

/** As `grep -n` prints it: `:` behind a match's line, `-` behind one near it. */
function listing(matches: SearchResult["matches"]): Block {
  const groups = matches.map(({ file, line, text, before, after }) =>
    [
      ...before.map((near, index) => `${file}-${line - before.length + index}-${near}`),
      `${file}:${line}:${text}`,
      ...after.map((near, index) => `${file}-${line + 1 + index}-${near}`),
    ].join("\n"),
  );
  const apart = matches.some(({ before, after }) => before.length + after.length > 0);
  return { type: "code", language: "text", text: groups.join(apart ? "\n--\n" : "\n") };
}
