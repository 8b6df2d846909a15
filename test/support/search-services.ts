import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** An HTTP server on the loopback, and what it was asked. */
export interface SearchServer {
  readonly url: string;
  readonly asked: readonly { readonly url: URL; readonly headers: IncomingMessage["headers"] }[];
}

/** A server that is closed after the test. @param answer answers each request */
export async function searchServer(
  answer: (url: URL, response: ServerResponse, request: IncomingMessage) => void,
): Promise<SearchServer> {
  const asked: { url: URL; headers: IncomingMessage["headers"] }[] = [];
  const server: Server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://search.example");
    asked.push({ url, headers: request.headers });
    answer(url, response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

export function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

/** An issue as GitHub's API gives it, with some of the fields that nobody asks for. */
export const issue = (number: number, more: Readonly<Record<string, unknown>> = {}) => ({
  url: `https://api.github.com/repos/octo/port/issues/${number}`,
  html_url: `https://github.com/octo/port/issues/${number}`,
  id: 1_000_000 + number,
  number,
  title: `Random port ${number}`,
  user: { login: "octocat", id: 1 },
  labels: [],
  state: number % 2 === 0 ? "open" : "closed",
  comments: 3,
  created_at: "2026-01-02T03:04:05Z",
  updated_at: "2026-02-03T04:05:06Z",
  closed_at: null,
  body: `Line one\n\nline two of ${number}`,
  score: 1.0,
  ...more,
});

/** GitHub's issue search over so many issues, page by page. */
export const issuesOf =
  (total: number) =>
  (url: URL, response: ServerResponse): void => {
    const size = Number(url.searchParams.get("per_page"));
    const page = Number(url.searchParams.get("page"));
    const numbers = Array.from({ length: total }, (_, index) => index + 1).slice(size * (page - 1), size * page);
    send(response, 200, {
      total_count: total,
      incomplete_results: false,
      items: numbers.map((number) => issue(number)),
    });
  };
