import type { EvidenceReader, EvidenceRef } from "../../model/evidence.js";
import { type StepContext, StepFailure } from "../../model/step-kind.js";
import { dial } from "../../util/dial.js";
import { addressOf, describeHttpError, exchange, type HttpResponse } from "../../util/http-exchange.js";
import { timeLimit } from "../../util/time-limit.js";
import { decodeUtf8 } from "../../util/utf8.js";
import type { Item, ItemSearch } from "./spec.js";

/** A page of answers, as a service's own format has it. */
export interface Page {
  readonly items: readonly Item[];
  /** How many there are in all; null: the service does not tell. */
  readonly total: number | null;
  /** The service says itself that it did not look at everything. */
  readonly incomplete: boolean;
}

/** A service that answers searches over HTTP, page by page. */
export interface Service {
  readonly name: string;
  /** Items on a page; null: as many as it likes. */
  readonly pageSize: (search: ItemSearch) => number | null;
  /** The request for a page, from 1. Throws `StepFailure` when what it needs is not configured. */
  request(search: ItemSearch, page: number, env: StepContext["ownEnv"]): ServiceRequest;
  /** Reads a page; null when it is none. */
  parse(text: string): Page | null;
  /** Why a status is no answer, and what to do: told by the status, the headers and the body. */
  refusal(answer: Pick<HttpResponse, "status" | "headers">, body: string, env: StepContext["ownEnv"]): Refusal;
}

export interface ServiceRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Refusal {
  /** A clause: what it answered. */
  readonly why: string;
  readonly remedy: string;
}

/** The pages that came, as evidence. */
export interface SearchedService {
  readonly pages: readonly EvidenceRef[];
}

/** How long one page may take. */
const pageMilliseconds = 30_000;

/** A page that is larger is none. */
const pageBytes = 16 * 1024 * 1024;

export const defaultLimit = 30;

/** Asks for pages until there are enough items, or no more. @throws StepFailure when an answer is not what it should be */
export async function searchService(
  service: Service,
  search: ItemSearch,
  context: StepContext,
): Promise<SearchedService> {
  const pages: EvidenceRef[] = [];
  const limit = search.limit ?? defaultLimit;
  for (let number = 1, count = 0; ; number++) {
    const { text, ref } = await takePage(service, search, number, context);
    const page = service.parse(text);
    if (page === null) {
      throw new StepFailure(`expected results from ${service.name}, found something else: ${start(text)}`, {
        remedy: `see whether its address is right`,
        observed: { pages },
      });
    }
    if (ref !== null) pages.push(ref);
    count += page.items.length;
    const size = service.pageSize(search);
    const last = page.items.length === 0 || (size !== null && page.items.length < size);
    if (last || count >= limit || count >= (page.total ?? Number.POSITIVE_INFINITY)) return { pages };
  }
}

async function takePage(service: Service, search: ItemSearch, number: number, context: StepContext) {
  const { url, headers } = service.request(search, number, context.ownEnv);
  using limit = timeLimit(context.signal, pageMilliseconds);
  const { signal } = limit;
  const unanswered = (why: string, cause: unknown): StepFailure =>
    new StepFailure(`expected an answer from ${url.origin}, but ${why}`, {
      remedy:
        "casebook asks from the machine that it runs on: see whether that reaches it; `--offline` skips such steps",
      cause,
    });
  const evidence = context.capture(`page-${number}.json`);
  try {
    const answer = await exchange(() => dial(addressOf(url), signal), { url, method: "GET", headers }, signal);
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > pageBytes) {
        answer.body.destroy();
        throw new StepFailure(`expected a page of results from ${url.origin}, found more than ${pageBytes} bytes`);
      }
      chunks.push(chunk);
      await evidence.write(chunk);
    }
    const ref = await evidence.close();
    const text = decodeUtf8(Buffer.concat(chunks));
    if (answer.status === 200) return { text, ref };
    const { why, remedy } = service.refusal(answer, text, context.ownEnv);
    throw new StepFailure(`expected results from ${service.name}, but it answered ${why}`, { remedy });
  } catch (error) {
    await evidence.close();
    context.signal.throwIfAborted();
    if (error instanceof StepFailure) throw error;
    if (signal.aborted) throw unanswered(`none came within ${pageMilliseconds / 1000} s`, error);
    throw unanswered(describeHttpError(error), error);
  }
}

/** The items of all pages, at most as many as are wanted. */
export async function readService(
  service: Service,
  search: ItemSearch,
  { pages }: SearchedService,
  evidence: EvidenceReader,
): Promise<{ readonly items: readonly Item[]; readonly count: number; readonly truncated: boolean }> {
  const items: Item[] = [];
  let total: number | null = null;
  let incomplete = false;
  for (const { path, bytes } of pages) {
    const page = service.parse(decodeUtf8(await evidence.head(path, bytes)));
    if (page === null) throw new StepFailure(`expected a page of results in ${path}, found something else`);
    items.push(...page.items);
    total = page.total === null ? total : Math.max(total ?? 0, page.total);
    incomplete ||= page.incomplete;
  }
  const limit = search.limit ?? defaultLimit;
  const kept = items.slice(0, limit);
  const count = Math.max(total ?? 0, items.length);
  // Whether more would have come is not known when nobody told how many there are.
  const truncated = incomplete || kept.length < count || (total === null && kept.length === limit);
  return { items: kept, count, truncated };
}

const start = (text: string): string => {
  const line = text.trim().replace(/\s+/g, " ");
  return line.length > 80 ? `${line.slice(0, 80)}…` : line || "nothing";
};

/** Of a text the beginning, on one line. */
export function snippetOf(text: string | null | undefined): string {
  const line = (text ?? "").trim().replace(/\s+/g, " ");
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

/** A service's address from a variable; null when the variable is empty. Throws `StepFailure` when it is none. */
export function addressIn(env: StepContext["ownEnv"], variable: string): URL | null {
  const written = env[variable]?.trim() ?? "";
  if (written === "") return null;
  const url = URL.canParse(written) ? new URL(written) : null;
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  throw new StepFailure(`expected an address in ${variable} that begins with https://, found ${start(written)}`);
}

/** JSON, or undefined. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
