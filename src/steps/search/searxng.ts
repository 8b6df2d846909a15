import * as z from "zod";
import type { Lookup } from "../../model/lookup.js";
import { StepFailure } from "../../model/step-kind.js";
import { addressIn, parseJson, type Service, snippetOf } from "./service.js";

const variable = "CASEBOOK_SEARCH_URL";

export const webLookup: Lookup = { service: "the web", variables: [{ name: variable, secret: false }] };

/** https://docs.searxng.org/dev/search_api.html */
const answer = z.object({
  number_of_results: z.number().optional(),
  results: z.array(
    z.object({
      url: z.string(),
      title: z.string(),
      content: z.string().nullish(),
      publishedDate: z.string().nullish(),
    }),
  ),
});

/** The web, through a SearXNG of one's own choice. */
export const searxng: Service = {
  name: "the search engine",
  pageSize: () => null,
  request({ query, web }, page, env) {
    const base = addressIn(env, variable);
    if (base === null) {
      throw new StepFailure(`expected the address of a search engine in ${variable}, found none`, {
        remedy: `set ${variable} to a SearXNG, such as https://search.example.org, whose settings list json under search.formats`,
      });
    }
    const path = base.pathname.replace(/\/+$/, "");
    const url = new URL(path.endsWith("/search") ? path : `${path}/search`, base);
    url.searchParams.set("q", typeof web === "string" ? `${query} site:${web}` : query);
    url.searchParams.set("format", "json");
    url.searchParams.set("pageno", String(page));
    return { url, headers: { accept: "application/json", "user-agent": "casebook" } };
  },
  parse(text) {
    const parsed = answer.safeParse(parseJson(text));
    if (!parsed.success) return null;
    const { results, number_of_results: total = 0 } = parsed.data;
    return {
      // Most engines do not tell how many there are, which it gives as 0.
      total: total > 0 ? Math.round(total) : null,
      incomplete: false,
      items: results.map(({ url, title, content, publishedDate }) => ({
        title,
        url,
        number: null,
        state: null,
        updated_at: dateOf(publishedDate),
        snippet: snippetOf(content),
      })),
    };
  },
  refusal({ status }) {
    const remedy =
      status === 403
        ? "its settings have to list json under search.formats"
        : status === 429
          ? "wait a while: it bounds how often it may be asked"
          : `see whether ${variable} is its address`;
    return { why: String(status), remedy };
  },
};

/** null for what is no time. */
function dateOf(text: string | null | undefined): Date | null {
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? null : new Date(time);
}
