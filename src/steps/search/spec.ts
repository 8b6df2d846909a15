import * as z from "zod";
import { integer } from "../../model/fields.js";
import { text } from "../../model/result-fields.js";
import { re2 } from "../pattern.js";

const globs = (about: string) => z.array(z.string().min(1)).min(1).optional().describe(about);

export const spec = z
  .strictObject({
    code: re2().describe("RE2 pattern that a line matches anywhere."),
    in: z.string().min(1).describe("Folder or file on the host."),
    files: globs("Globs: a file is searched when its name, or with a `/` in the glob its path, matches one."),
    except: globs("Globs: what is left out, a folder with all below it."),
    context: integer().optional().describe("Lines to keep before and after each match; 0 if absent."),
    limit: integer().optional().describe("Most matches to keep; 1000 if absent. `count` counts all."),
  })
  .superRefine(({ context, limit }, issues) => {
    const issue = (path: string, message: string): void => issues.addIssue({ code: "custom", path: [path], message });
    if (context !== undefined && (context < 0 || context > 100)) issue("context", "expected 0 to 100 lines");
    if (limit !== undefined && (limit < 1 || limit > 100_000)) issue("limit", "expected 1 to 100000 matches");
  });

export type SearchSpec = z.infer<typeof spec>;

export const result = z.strictObject({
  matches: z
    .array(
      z
        .strictObject({
          file: z.string(),
          line: z.int(),
          column: z.int(),
          text: text(),
          before: z.array(text()).readonly(),
          after: z.array(text()).readonly(),
        })
        .readonly(),
    )
    .readonly(),
  count: z.int(),
  truncated: z.boolean(),
});

export type SearchResult = z.infer<typeof result>;

export type Match = SearchResult["matches"][number];

/** What can search, the best first. */
export const tools = ["rg", "git", "grep"] as const;

export type SearchTool = (typeof tools)[number];
