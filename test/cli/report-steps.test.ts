import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { runText } from "../support/casebook.js";

const head = "casebook: 1\ntitle: Test\n";

/** A step of a Markdown report, up to the next one or the next section. */
const stepOf = (page: string, anchor: string): string =>
  page.slice(page.indexOf(`<a id="step-${anchor}"></a>`)).split(/\n(?=<a id="(?:step-\w+|not-examined)"><\/a>\n)/)[0] ??
  "";

test("a command that a step ran again and again stands once, with each end", async () => {
  const ran = await runText(`${head}steps:
  - { id: again, run: 'echo x >> tries; [ "$(wc -l < tries)" -ge 12 ]', retry: { times: 20, every: 1ms } }
`);
  expect(ran.code, ran.stderr).toBe(0);
  const step = stepOf(await ran.report("md"), "again");
  expect(step.match(/```sh\n/g)).toHaveLength(1);
  expect(step).toMatch(
    /\n12 times: (exit 1 after \d+ ms, ){6}… 4 more …, exit 1 after \d+ ms, exit 0 after \d+ ms on `local`\n/,
  );
  const html = await ran.report("html");
  expect(html.match(/<figure class="command">/g)).toHaveLength(2); // the other one reproduces the run
});

test("what a command was given on its input, and how its output was read, stand with it", async () => {
  const ran = await runText(`${head}steps:
  - id: read
    run: { command: cat, stdin: "a 1\\nb 2\\n", parse: '^(?P<name>\\w) (?P<size>\\d)$' }
`);
  expect(ran.code, ran.stderr).toBe(0);
  const step = stepOf(await ran.report("md"), "read");
  expect(step).toContain("**stdin**\n\n```text\na 1\nb 2\n```");
  expect(step).toContain("**As it was read**\n\n| name | size |\n| --- | --- |\n| `a` | `1` |\n| `b` | `2` |");
});

test("a request stands with the headers and the body that were sent, secrets masked", async () => {
  const server = createServer((_, response) => response.end("taken")).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // of a listening TCP server
  const ran = await runText(
    `${head}inputs: { token: { secret: true } }
steps:
  - id: sent
    http: { post: "http://127.0.0.1:${port}/x", headers: { authorization: "Bearer {{token}}" }, json: { level: debug } }
    risk: perturb
`,
    ["-i", "token=s3cret-value", "--allow", "perturb"],
  );
  expect(ran.code, ran.stderr).toBe(0);
  expect(stepOf(await ran.report("md"), "sent")).toContain(
    `**Request**\n\n\`\`\`http\nPOST http://127.0.0.1:${port}/x\nauthorization: Bearer [masked:token]\n\n{"level":"debug"}\n\`\`\``,
  );
  expect(await ran.report("html")).toContain("Bearer [masked:token]");
});

test("a long script of casebook's own is folded behind its first words", async () => {
  const ran = await runText(`${head}steps: [{ id: all, sockets: { port: 1 } }]\n`);
  expect(ran.code, ran.stderr).toBe(0);
  const step = stepOf(await ran.report("md"), "all");
  expect(step).toMatch(
    /<details><summary>\/bin\/sh -c &#39;net=.* … \d+ lines<\/summary>\n\n```sh\n[^]*\n```\n\n<\/details>/,
  );
});

test("a step for each of nothing says that nothing ran", async () => {
  const ran = await runText(`${head}inputs: { hosts: { type: list, default: [] } }
steps:
  - { id: none, title: Ask each, for_each: { host: hosts }, run: echo "$host" }
  - { id: some, for_each: [1], run: echo one }
`);
  expect(ran.code, ran.stderr).toBe(0);
  const page = await ran.report("md");
  expect(stepOf(page, "none")).toContain("No rounds: its list was empty.");
  expect(stepOf(page, "some")).not.toContain("No rounds");
  expect(page).toContain("- [Ask each](#step-none): no rounds, `its list was empty`");
  expect(await ran.report("html")).toContain("No rounds: its list was empty.");
});
