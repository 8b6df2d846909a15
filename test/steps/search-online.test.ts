import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { casebook, runText } from "../support/casebook.js";
import { freePort } from "../support/ports.js";
import { scratch } from "../support/scratch.js";
import { issue, issuesOf, searchServer, send } from "../support/search-services.js";

const head = "casebook: 1\ntitle: Test\n";
const token = "ghp_0123456789abcdefTOKEN";

const issues = (rest = "", more = ""): string =>
  `${head}steps:\n  - id: s\n    search: { issues: octo/port, query: random port${rest} }\n${more}`;

/** Without what the developer's own environment says. */
const clean = { GITHUB_TOKEN: "", GH_TOKEN: "", GITHUB_API_URL: "", CASEBOOK_SEARCH_URL: "" };

describe("issues", () => {
  test("are searched as GitHub's API documents it, and come with all their fields", async () => {
    const server = await searchServer(issuesOf(3));
    const expects = `    expect:
      three: result.count == 3 && !result.truncated && size(result.matches) == 0
      first: 'result.items[0].number == 1 && result.items[0].state == "closed" && result.items[0].snippet == "Line one line two of 1"'
      recent: result.items.all(i, i.updated_at < result.finished_at)
`;
    const ran = await runText(issues(", state: open", expects), [], {
      env: { ...clean, GITHUB_API_URL: `${server.url}/api/v3/` },
    });
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.of("expectation").map(({ name, holds }) => [name, holds])).toEqual([
      ["three", true],
      ["first", true],
      ["recent", true],
    ]);
    expect(server.asked).toHaveLength(1);
    const [asked] = server.asked;
    expect(asked?.url.pathname).toBe("/api/v3/search/issues");
    expect(Object.fromEntries(asked?.url.searchParams ?? [])).toEqual({
      q: "random port repo:octo/port is:issue state:open",
      per_page: "30",
      page: "1",
    });
    expect(asked?.headers).toMatchObject({
      accept: "application/vnd.github+json",
      "x-github-api-version": "2022-11-28",
      "user-agent": "casebook",
    });
    expect(asked?.headers.authorization).toBeUndefined();
    expect(await ran.report("md")).toContain("https://github.com/octo/port/issues/1");
    expect(await readdir(join(ran.folder, "evidence"))).toContain("01-s.page-1.json");
  });

  test("come page by page up to the limit, and what is left out is told", async () => {
    const server = await searchServer(issuesOf(450));
    const env = { ...clean, GITHUB_API_URL: server.url };
    const some = await runText(issues(", limit: 250"), [], { env });
    expect(some.finished("s").result).toMatchObject({ count: 450, truncated: true });
    expect(server.asked.map(({ url }) => [url.searchParams.get("per_page"), url.searchParams.get("page")])).toEqual([
      ["100", "1"],
      ["100", "2"],
      ["100", "3"],
    ]);
    const { items } = some.finished("s").result as { items: { number: number }[] };
    expect(items.map(({ number }) => number)).toEqual(Array.from({ length: 250 }, (_, index) => index + 1));
    const few = await searchServer(issuesOf(120));
    const all = await runText(issues(", limit: 1000"), [], { env: { ...clean, GITHUB_API_URL: few.url } });
    expect(all.finished("s").result).toMatchObject({ count: 120, truncated: false });
    expect(few.asked).toHaveLength(2);
  });

  test("a token is sent, and is nowhere in the case, also where the service or a command says it again", async () => {
    const server = await searchServer((_, response) =>
      send(response, 200, { total_count: 1, incomplete_results: false, items: [issue(1, { body: `it is ${token}` })] }),
    );
    for (const name of ["GITHUB_TOKEN", "GH_TOKEN"]) {
      const env = { ...clean, GITHUB_API_URL: server.url, [name]: token };
      const ran = await runText(issues("", `  - run: echo "\${${name}-none}"\n`), [], { env });
      expect(server.asked.at(-1)?.headers.authorization).toBe(`Bearer ${token}`);
      expect(ran.finished("s").result).toMatchObject({ items: [{ snippet: `it is [masked:${name}]` }] });
      for (const file of await readdir(ran.folder, { recursive: true, withFileTypes: true })) {
        if (!file.isFile()) continue;
        expect(await readFile(join(file.parentPath, file.name), "utf8"), file.name).not.toContain(token);
      }
      expect(ran.stdout + ran.stderr).not.toContain(token);
    }
  });

  test("a token does not go over a connection that others can read", async () => {
    const ran = await runText(issues(), [], {
      env: { ...clean, GITHUB_API_URL: "http://192.0.2.1/", GITHUB_TOKEN: token },
    });
    expect(ran.finished("s").reason).toBe(
      "expected https:// in GITHUB_API_URL, since there is a token; found http://192.0.2.1",
    );
  });

  test.each([
    [
      401,
      { message: "Bad credentials" },
      {},
      "it answered 401: Bad credentials",
      "GITHUB_TOKEN (or GH_TOKEN) is not valid there",
    ],
    [403, { message: "Resource not accessible" }, {}, "403: Resource not accessible", "whether the token may read"],
    [
      403,
      { message: "API rate limit exceeded for 192.0.2.7." },
      { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1800000000" },
      "403: API rate limit exceeded for 192.0.2.7. (its limit is used up)",
      "wait until 2027-01-15T08:00:00.000Z; with a token in GITHUB_TOKEN more is allowed",
    ],
    [429, { message: "Slow down" }, { "retry-after": "60" }, "429: Slow down", "wait for 60 s"],
    [404, { message: "Not Found" }, {}, "404: Not Found", "https://HOST/api/v3"],
    [
      422,
      { message: "Validation Failed", errors: [{ message: "The listed users and repositories cannot be searched" }] },
      {},
      "422: Validation Failed; The listed users and repositories cannot be searched",
      "whether the repository exists",
    ],
    [502, "<html>Bad gateway</html>", {}, "it answered 502", "try again later"],
  ])("an answer of %i fails the step, with what to do: %j", async (status, body, headers, reason, remedy) => {
    const server = await searchServer((_, response) => send(response, status, body, headers as Record<string, string>));
    const ran = await runText(issues(), [], { env: { ...clean, GITHUB_API_URL: server.url } });
    expect(ran.code).toBe(3);
    expect(ran.finished("s").reason).toContain(reason);
    expect(ran.finished("s").remedy).toContain(remedy);
  });

  test("what is no answer of such a service fails the step", async () => {
    const server = await searchServer((_, response) =>
      send(response, 200, "<html>Welcome to the hotel's network</html>"),
    );
    const ran = await runText(issues(), [], { env: { ...clean, GITHUB_API_URL: server.url } });
    expect(ran.finished("s").reason).toBe(
      "expected results from GitHub, found something else: <html>Welcome to the hotel's network</html>",
    );
    const none = await runText(issues(), [], { env: { ...clean, GITHUB_API_URL: "api.github.com" } });
    expect(none.finished("s").reason).toBe(
      "expected an address in GITHUB_API_URL that begins with https://, found api.github.com",
    );
  });

  test("without a network, or without an answer in time, the step fails and says who asked", async () => {
    const closed = await runText(issues(), [], {
      env: { ...clean, GITHUB_API_URL: `http://127.0.0.1:${await freePort()}` },
    });
    expect(closed.finished("s").reason).toContain("the connection was refused");
    expect(closed.finished("s").remedy).toContain("casebook asks from the machine that it runs on");
    const silent = await searchServer(() => {});
    const ran = await runText(issues("", "    timeout: 300ms\n"), [], {
      env: { ...clean, GITHUB_API_URL: silent.url },
    });
    expect(ran.finished("s").reason).toBe("timed out after 300 ms");
  });

  test("a replay reads the pages again and asks nobody", async () => {
    const server = await searchServer(issuesOf(2));
    const cwd = await scratch({ "a.yaml": issues("", "    expect: { two: result.count == 2 }\n") });
    const env = { ...clean, GITHUB_API_URL: server.url };
    expect((await casebook(["run", "a.yaml", "--out", "then"], { cwd, env })).code).toBe(0);
    const again = await casebook(["run", "a.yaml", "--replay", "then", "--offline", "--out", "now"], { cwd, env });
    expect(again.code, again.stderr).toBe(0);
    expect(again.stderr).toContain("two: met");
    expect(server.asked).toHaveLength(1);
  });
});

const web = (rest = ""): string => `${head}steps:\n  - id: s\n    search: { web: true, query: random port${rest} }\n`;

describe("the web", () => {
  const results = (page: number) =>
    Array.from({ length: 10 }, (_, index) => ({
      url: `https://example.org/${page}/${index}`,
      title: `Page ${index}`,
      content: "A random  port",
      engine: "x",
      publishedDate: index === 0 ? "2026-03-04T00:00:00" : null,
    }));

  test("is searched through a SearXNG, page by page", async () => {
    const server = await searchServer((url, response) => {
      const page = Number(url.searchParams.get("pageno"));
      send(response, 200, { query: "q", number_of_results: 0, results: page > 3 ? [] : results(page) });
    });
    const env = { ...clean, CASEBOOK_SEARCH_URL: server.url };
    const ran = await runText(web(", limit: 25"), [], { env });
    expect(ran.finished("s").result).toMatchObject({ truncated: true, count: 30 });
    const { items } = ran.finished("s").result as { items: object[] };
    expect(items).toHaveLength(25);
    expect(items[0]).toEqual({
      title: "Page 0",
      url: "https://example.org/1/0",
      number: null,
      state: null,
      updated_at: expect.stringMatching(/^2026-03-0/),
      snippet: "A random port",
    });
    expect(server.asked.map(({ url }) => url.pathname + url.search)[0]).toBe(
      "/search?q=random+port&format=json&pageno=1",
    );
    const site = await runText(web().replace("web: true", "web: kubernetes.io"), [], { env });
    expect(site.finished("s").result).toMatchObject({ count: 30, truncated: true });
    expect(server.asked.at(-1)?.url.searchParams.get("q")).toBe("random port site:kubernetes.io");
  });

  test("needs a search engine of one's own choice", async () => {
    const ran = await runText(web(), [], { env: clean });
    expect(ran.finished("s").reason).toBe("expected the address of a search engine in CASEBOOK_SEARCH_URL, found none");
    expect(ran.finished("s").remedy).toContain("search.formats");
    const forbidding = await searchServer((_, response) => send(response, 403, "Forbidden"));
    const refused = await runText(web(), [], { env: { ...clean, CASEBOOK_SEARCH_URL: forbidding.url } });
    expect(refused.finished("s").remedy).toContain("list json under search.formats");
  });
});

describe("--offline", () => {
  test("skips what would be looked up, says so, and lists it as not examined", async () => {
    const server = await searchServer(issuesOf(1));
    const more = `  - { id: t, when: s.count == 0, run: "true" }\n  - { id: u, search: { code: x, in: . } }\nverdict: [{ answer: none, when: s.count == 0 }, { answer: undecided, says: Nobody was asked. }]\n`;
    const ran = await runText(issues("", more), ["--offline"], { env: { ...clean, GITHUB_API_URL: server.url } });
    expect(ran.code).toBe(2);
    expect(server.asked).toEqual([]);
    expect(ran.finished("s")).toMatchObject({ outcome: "skipped", reason: "offline: GitHub is not asked" });
    expect(ran.finished("t").outcome).toBe("skipped");
    expect(ran.finished("u").outcome).toBe("ok");
    const report = await ran.report("md");
    expect(report.slice(report.indexOf("## Not examined"))).toContain("skipped, `offline: GitHub is not asked`");
  });
});

describe("check and plan", () => {
  test.each([
    ["{ issues: octo, query: x }", "expected a repository as owner/name"],
    ["{ issues: octo/port }", '"query" is missing: "issues" needs it'],
    ["{ code: x }", '"in" is missing: "code" needs it'],
    ["{ query: x }", "expected exactly one of code, issues and web, found none"],
    ["{ issues: a/b, web: true, query: x }", "expected exactly one of code, issues and web, found issues and web"],
    ["{ issues: a/b, query: x, in: . }", '"in" does not go with "issues"'],
    ["{ web: true, query: x, state: open }", '"state" does not go with "web"'],
    ["{ issues: a/b, query: x, state: opne }", 'did you mean "open"?'],
    ["{ issues: a/b, query: x, limit: 1001 }", "expected 1 to 1000 matches"],
    ["{ web: false, query: x }", "expected true, or a site such as kubernetes.io"],
  ])("%s is a mistake", async (field, message) => {
    const cwd = await scratch({ "a.yaml": `${head}steps:\n  - search: ${field}\n` });
    const { code, stdout } = await casebook(["check", "a.yaml"], { cwd });
    expect(stdout).toContain(message);
    expect(code).toBe(65);
  });

  test("plan says who is asked, from where, and no tool is needed for it", async () => {
    const cwd = await scratch({ "a.yaml": issues() });
    const { stdout } = await casebook(["plan", "a.yaml"], { cwd });
    expect(stdout).toContain("asks GitHub, from this machine");
    expect(stdout).toContain("search the issues of octo/port for random port");
    expect(stdout).not.toContain("rg");
  });
});
