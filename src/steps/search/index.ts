import type { Block } from "../../model/block.js";
import { isJsonObject, type Json } from "../../model/json.js";
import type { Outline, StepKind } from "../../model/step-kind.js";
import { quoteWords } from "../../util/shell-quote.js";
import { tableBlock } from "../rows.js";
import { searchCommand } from "./command.js";
import { github, githubLookup } from "./github.js";
import { readFiles, type SearchedFiles } from "./read-files.js";
import { searchFiles } from "./search-files.js";
import { searxng, webLookup } from "./searxng.js";
import { readService, type SearchedService, type Service, searchService } from "./service.js";
import { type ItemSearch, isCode, isItems, result, type SearchResult, type SearchSpec, spec, tools } from "./spec.js";

/** Matches that a report shows with the lines around them. */
const shownMatches = 50;

type Searched = SearchedFiles | SearchedService;

const serviceOf = ({ issues }: ItemSearch): Service => (issues === undefined ? searxng : github);

/** Searches the source of the system under investigation, and what others have met and written. */
export const search: StepKind<SearchSpec, Searched, SearchResult> = {
  name: "search",
  doc:
    "Searches text files on the host for lines that match an RE2 pattern, with ripgrep, else `git grep`, else `grep`. All files are " +
    "searched, whatever a .gitignore says, except Git's own folders and binary files. With `issues` or `web` it is casebook's own " +
    "machine that asks, over HTTPS: GitHub, with the token in `GITHUB_TOKEN` or `GH_TOKEN` if there is one, or a SearXNG. `--offline` " +
    "skips such steps.",
  example: `id: suspects
search: { code: 'net\\.Listen\\(.*:0"', in: /usr/local/src/app, files: ["*.go"], except: ["*_test.go", vendor] }
expect:
  found: result.count > 0`,
  spec,
  result,
  outline(written) {
    const fields = isJsonObject(written) ? written : {};
    if (fields.issues !== undefined) {
      return lookup(githubLookup, `search the issues of ${String(fields.issues)} for ${String(fields.query)}`);
    }
    if (fields.web !== undefined) return lookup(webLookup, `search the web for ${String(fields.query)}`);
    return outlineOfFiles(written);
  },
  observe(spec, context) {
    if (isCode(spec)) return searchFiles(spec, context);
    if (isItems(spec)) return searchService(serviceOf(spec), spec, context);
    throw new Error("the schema lets no search through that searches nothing");
  },
  async read(spec, searched, evidence) {
    if (isCode(spec) && "tool" in searched) return { ...(await readFiles(spec, searched, evidence)), items: [] };
    if (isItems(spec) && "pages" in searched) {
      return { matches: [], ...(await readService(serviceOf(spec), spec, searched, evidence)) };
    }
    throw new Error("the schema lets no search through that searches nothing");
  },
  view: (spec, found) => (isCode(spec) ? viewOfMatches(found) : viewOfItems(found)),
};

const lookup = (looksUp: NonNullable<Outline["looksUp"]>, command: string): Outline => ({
  risk: "observe",
  tools: [],
  commands: [command],
  changes: [],
  looksUp,
});

function outlineOfFiles(written: Json): Outline {
  const tool = { any: tools, packages: ["ripgrep", "git", "grep"], why: "search in files", version: ["--version"] };
  const parsed = spec.safeParse(written);
  const shown = isJsonObject(written) ? `search for ${String(written.code)} in ${String(written.in)}` : "search";
  const command =
    parsed.success && isCode(parsed.data)
      ? quoteWords(searchCommand("rg", parsed.data, { folder: parsed.data.in, path: parsed.data.in }).argv)
      : shown;
  return { risk: "observe", tools: [tool], commands: [command], changes: [] };
}

function viewOfMatches({ matches, count, truncated }: SearchResult): readonly Block[] {
  const found = `${count} ${count === 1 ? "line matches" : "lines match"}${truncated ? "; not all were searched or kept" : ""}.`;
  const rest = matches.length - Math.min(matches.length, shownMatches);
  const text: Block = { type: "text", text: rest === 0 ? found : `${found} The first ${shownMatches}:` };
  return matches.length === 0 ? [text] : [text, listing(matches.slice(0, shownMatches))];
}

function viewOfItems({ items, count, truncated }: SearchResult): readonly Block[] {
  const found = count === 0 ? "Nothing was found." : `${count} found${truncated ? `; the first ${items.length}` : ""}.`;
  const text: Block = { type: "text", text: found };
  if (items.length === 0) return [text];
  const rows = items.map(({ title, url, state, updated_at, snippet }) => [title, url, state, updated_at, snippet]);
  return [text, tableBlock(["title", "url", "state", "updated", "snippet"], rows)];
}

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
