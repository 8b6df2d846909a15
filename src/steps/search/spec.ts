import * as z from "zod";
import { integer } from "../../model/fields.js";
import { text, time } from "../../model/result-fields.js";
import { re2 } from "../pattern.js";

const globs = (about: string) => z.array(z.string().min(1)).min(1).optional().describe(about);

/** What is searched; each has fields of its own. */
const ways = {
  code: ["in", "files", "except", "context"],
  issues: ["query", "state"],
  web: ["query"],
} as const;

export type Way = keyof typeof ways;

export const states = ["open", "closed", "all"] as const;

const fields = z.strictObject({
  code: re2().optional().describe("RE2 pattern that a line of a file on the host matches anywhere."),
  in: z.string().min(1).optional().describe("With `code`: folder or file on the host."),
  files: globs(
    "With `code`, globs: a file is searched when its name, or with a `/` in the glob its path, matches one.",
  ),
  except: globs("With `code`, globs: what is left out, a folder with all below it."),
  context: integer().optional().describe("With `code`: lines to keep before and after each match; 0 if absent."),
  issues: z
    .string()
    .regex(/^[\w.-]+\/[\w.-]+$/, "expected a repository as owner/name")
    .optional()
    .describe("Repository (`owner/name`) whose issues are searched, on GitHub or what `GITHUB_API_URL` names."),
  web: z
    .union(
      [z.literal(true), z.string().regex(/^[\w-]+(\.[\w-]+)+$/, "expected true, or a site such as kubernetes.io")],
      {
        error: "expected true, or a site such as kubernetes.io",
      },
    )
    .optional()
    .describe("`true`, or a site such as `kubernetes.io`: searched by the SearXNG that `CASEBOOK_SEARCH_URL` names."),
  query: z
    .string()
    .min(1)
    .optional()
    .describe("With `issues` and `web`: words to search for, in the service's own syntax."),
  state: z.enum(states).optional().describe("With `issues`: which; all if absent."),
  limit: integer()
    .optional()
    .describe("Most matches to keep; 1000 if absent, of items 30 and at most 1000. `count` counts all."),
});

export const spec = fields.superRefine((search, issues) => {
  const issue = (path: string | null, message: string): void =>
    issues.addIssue({ code: "custom", path: path === null ? [] : [path], message });
  const given = (Object.keys(ways) as Way[]).filter((way) => search[way] !== undefined); // the keys of a constant
  const [way] = given;
  if (way === undefined || given.length > 1) {
    const found = given.length === 0 ? "none" : given.join(" and ");
    return issue(null, `expected exactly one of code, issues and web, found ${found}`);
  }
  const own: readonly string[] = [way, "limit", ...ways[way]];
  for (const field of Object.keys(search))
    if (!own.includes(field)) issue(field, `"${field}" does not go with "${way}"`);
  const needed = way === "code" ? "in" : "query";
  if (search[needed] === undefined) issue(null, `"${needed}" is missing: "${way}" needs it`);
  const { context, limit } = search;
  if (context !== undefined && (context < 0 || context > 100)) issue("context", "expected 0 to 100 lines");
  const most = way === "code" ? 100_000 : 1000;
  if (limit !== undefined && (limit < 1 || limit > most)) issue("limit", `expected 1 to ${most} matches`);
});

export type SearchSpec = z.infer<typeof spec>;

/** A search in files, as the schema lets it through. */
export type CodeSearch = SearchSpec & { readonly code: string; readonly in: string };

/** A search that a service answers. */
export type ItemSearch = SearchSpec & { readonly query: string };

export const isCode = (search: SearchSpec): search is CodeSearch => search.code !== undefined;

export const isItems = (search: SearchSpec): search is ItemSearch => search.query !== undefined;

const match = z
  .strictObject({
    file: z.string(),
    line: z.int(),
    column: z.int(),
    text: text(),
    before: z.array(text()).readonly(),
    after: z.array(text()).readonly(),
  })
  .readonly();

const item = z
  .strictObject({
    title: z.string(),
    url: z.string(),
    number: z.int().nullable(),
    state: z.string().nullable(),
    updated_at: time().nullable(),
    snippet: z.string(),
  })
  .readonly();

export const result = z.strictObject({
  matches: z.array(match).readonly().describe("Of `code`."),
  items: z.array(item).readonly().describe("Of `issues` and `web`; of the latter `number` and `state` are null."),
  count: z.int(),
  truncated: z.boolean(),
});

export type SearchResult = z.infer<typeof result>;

export type Match = SearchResult["matches"][number];

export type Item = SearchResult["items"][number];

/** What can search in files, the best first. */
export const tools = ["rg", "git", "grep"] as const;

export type SearchTool = (typeof tools)[number];
