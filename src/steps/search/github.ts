import * as z from "zod";
import type { Lookup } from "../../model/lookup.js";
import { type StepContext, StepFailure } from "../../model/step-kind.js";
import { addressIn, defaultLimit, parseJson, type Refusal, type Service, snippetOf } from "./service.js";
import type { ItemSearch } from "./spec.js";

const tokens = ["GITHUB_TOKEN", "GH_TOKEN"] as const;

export const githubLookup: Lookup = {
  service: "GitHub",
  variables: [{ name: "GITHUB_API_URL", secret: false }, ...tokens.map((name) => ({ name, secret: true }))],
};

/** https://docs.github.com/en/rest/search/search#search-issues-and-pull-requests */
const answer = z.object({
  total_count: z.int(),
  incomplete_results: z.boolean(),
  items: z.array(
    z.object({
      title: z.string(),
      html_url: z.string(),
      number: z.int(),
      state: z.string(),
      updated_at: z.iso.datetime({ offset: true }),
      body: z.string().nullish(),
    }),
  ),
});

const problem = z.object({
  message: z.string().optional(),
  errors: z.array(z.object({ message: z.string().optional() })).optional(),
});

/** GitHub's own limit. */
const mostOnPage = 100;

const pageSize = ({ limit = defaultLimit }: ItemSearch): number => Math.min(limit, mostOnPage);

/** Issues on GitHub, or on what speaks like it. */
export const github: Service = {
  name: githubLookup.service,
  pageSize,
  request(search, page, env) {
    const base = addressIn(env, "GITHUB_API_URL") ?? new URL("https://api.github.com");
    const url = new URL(`${base.pathname.replace(/\/+$/, "")}/search/issues`, base);
    const state = search.state === undefined || search.state === "all" ? [] : [`state:${search.state}`];
    // Since 2025 one of both kinds has to be named; whoever names one means it.
    const kind = /\b(is:(issue|pr|pull-request)|type:\w+)\b/.test(search.query) ? [] : ["is:issue"];
    url.searchParams.set("q", [search.query, `repo:${search.issues}`, ...kind, ...state].join(" "));
    url.searchParams.set("per_page", String(pageSize(search)));
    url.searchParams.set("page", String(page));
    const token = tokenIn(env);
    const headers = {
      accept: "application/vnd.github+json",
      "user-agent": "casebook",
      "x-github-api-version": "2022-11-28",
    };
    if (token === null) return { url, headers };
    // A token over a connection that others can read is theirs.
    if (url.protocol !== "https:" && !isLoopback(url.hostname)) {
      throw new StepFailure(`expected https:// in GITHUB_API_URL, since there is a token; found ${url.origin}`);
    }
    return { url, headers: { ...headers, authorization: `Bearer ${token}` } };
  },
  parse(text) {
    const parsed = answer.safeParse(parseJson(text));
    if (!parsed.success) return null;
    const { total_count: total, incomplete_results: incomplete, items } = parsed.data;
    return {
      total,
      incomplete,
      items: items.map(({ title, html_url: url, number, state, updated_at, body }) => ({
        title,
        url,
        number,
        state,
        updated_at: new Date(updated_at),
        snippet: snippetOf(body),
      })),
    };
  },
  refusal({ status, headers }, body, env) {
    const parsed = problem.safeParse(parseJson(body));
    const { message = "", errors = [] } = parsed.success ? parsed.data : {};
    const said = [message, ...errors.map((error) => error.message ?? "")].filter((one) => one !== "").join("; ");
    const why = said === "" ? String(status) : `${status}: ${said}`;
    if (status === 429 || (status === 403 && isLimited(headers))) return limited(why, headers, env);
    return { why, remedy: remedies[status] ?? "try again later, or see whether GITHUB_API_URL is right" };
  },
};

const remedies: Readonly<Record<number, string>> = {
  401: "GITHUB_TOKEN (or GH_TOKEN) is not valid there: renew it, or unset it",
  403: "see whether the token may read the repository",
  404: "see whether GITHUB_API_URL is the address of the API: https://api.github.com, or https://HOST/api/v3",
  422: "see whether the repository exists, the token may read it, and the query is one that GitHub understands",
};

const isLimited = (headers: Readonly<Record<string, string>>): boolean =>
  headers["x-ratelimit-remaining"] === "0" || headers["retry-after"] !== undefined;

function limited(why: string, headers: Readonly<Record<string, string>>, env: StepContext["ownEnv"]): Refusal {
  const reset = Number(headers["x-ratelimit-reset"]);
  const seconds = Number(headers["retry-after"]);
  const until = Number.isFinite(reset) ? `until ${new Date(reset * 1000).toISOString()}` : "for a while";
  const wait = Number.isFinite(seconds) ? `for ${seconds} s` : until;
  const token = tokenIn(env) === null ? "; with a token in GITHUB_TOKEN more is allowed" : "";
  return { why: `${why} (its limit is used up)`, remedy: `wait ${wait}${token}` };
}

const tokenIn = (env: StepContext["ownEnv"]): string | null =>
  tokens.map((name) => env[name]?.trim() ?? "").find((token) => token !== "") ?? null;

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host);
