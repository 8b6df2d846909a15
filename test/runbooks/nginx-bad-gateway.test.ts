import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { type RanCase, runText } from "../support/casebook.js";
import { freePort } from "../support/ports.js";
import { startNginx } from "../support/servers.js";
import { startSshd } from "../support/sshd.js";

const runbook = await readFile(
  fileURLToPath(new URL("../../runbooks/nginx-bad-gateway.yaml", import.meta.url)),
  "utf8",
);

/** Lets a server listen until the test ends. */
async function serve(server: Server): Promise<number> {
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => open.add(socket.on("error", () => {})));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const answering = () => serve(createHttpServer((_, response) => void response.end("here\n")));
const closing = () => serve(createServer((socket) => socket.on("data", () => socket.end())));
const silent = () => serve(createServer(() => {}));

/** An nginx before an upstream, and what the runbook says of it. */
async function before(upstream: string, more = "") {
  const nginx = await startNginx(`location / { proxy_pass http://${upstream}; ${more} }`);
  const ask = (
    args: readonly string[] = [],
    { env = {}, ...given }: { env?: NodeJS.ProcessEnv; url?: string; error_log?: string } = {},
  ): Promise<RanCase> => {
    const inputs = Object.entries({ url: nginx.url, error_log: join(nginx.folder, "error.log"), ...given });
    return runText(runbook, [...args, ...inputs.flatMap(([name, value]) => ["-i", `${name}=${value}`])], { env });
  };
  return { ...nginx, ask };
}

/** The standing of a hypothesis. */
async function standing(ran: RanCase, hypothesis: string): Promise<string | undefined> {
  const { hypotheses } = JSON.parse(await ran.report("json"));
  return hypotheses.find(({ name }: { readonly name: string }) => name === hypothesis)?.standing;
}

test("an upstream where nothing listens is named, here and behind SSH, and one that came back as well", async () => {
  const port = await freePort();
  const { ask } = await before(`127.0.0.1:${port}`);
  await using sshd = await startSshd();
  for (const ran of [await ask(), await ask(["--host", "ssh://box"], { env: sshd.env })]) {
    expect(ran.code, ran.stderr).toBe(0);
    const says = expect.stringMatching(
      new RegExp(
        `^\\W127\\.0\\.0\\.1:${port}\\W is dead: nothing listens there\\..* for \\WGET / .* answers 502 now\\.$`,
      ),
    );
    expect(ran.of("verdict")).toMatchObject([{ answer: "nobody_listens", says }]);
    expect(await standing(ran, "nobody_listens")).toBe("supported");
    expect(await standing(ran, "too_slow")).toBe("refuted");
    expect(ran.of("change-announced")).toEqual([]);
  }
  const revived = createHttpServer((_, response) => void response.end());
  onTestFinished(() => void revived.close());
  revived.listen(port, "127.0.0.1");
  await once(revived, "listening");
  const later = await ask();
  const says = expect.stringMatching(
    /Connection refused.* It answers now, and nginx answers 200\. Failures in 10 min: 2\.$/,
  );
  expect(later.of("verdict")).toMatchObject([{ answer: "came_back", says }]);
});

test("an upstream that hangs up is told from one that is silent, and from one whose socket is missing", async () => {
  const hangsUp = await (await before(`127.0.0.1:${await closing()}`)).ask();
  expect(hangsUp.of("verdict"), hangsUp.stderr).toMatchObject([
    { answer: "closes_early", says: expect.stringContaining("upstream prematurely closed connection") },
  ]);
  expect(await standing(hangsUp, "closes_early")).toBe("supported");
  const slow = await (await before(`127.0.0.1:${await silent()}`, "proxy_read_timeout 1s;")).ask();
  expect(slow.of("verdict"), slow.stderr).toMatchObject([
    {
      answer: "too_slow",
      says: expect.stringMatching(/timed out .* while reading response header .* answers 504 now\.$/),
    },
  ]);
  expect(await standing(slow, "nobody_listens")).toBe("refuted");
  const missing = await (await before("unix:/nonexistent/app.sock:/")).ask();
  expect(missing.of("verdict"), missing.stderr).toMatchObject([
    { answer: "not_reached", says: expect.stringContaining("`unix:/nonexistent/app.sock` cannot be reached") },
  ]);
});

test("an nginx that answers is healthy; a 502 of which its log says nothing is undecided, and so is a silent port", async () => {
  const healthy = await before(`127.0.0.1:${await answering()}`);
  const ran = await healthy.ask();
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.of("verdict")).toMatchObject([{ answer: "healthy", says: expect.stringContaining("answers 200") }]);
  expect(await standing(ran, "nobody_listens")).toBe("refuted");

  const empty = join(healthy.folder, "other.log");
  writeFileSync(empty, "");
  const unlogged = await (await before(`127.0.0.1:${await freePort()}`)).ask([], { error_log: empty });
  expect(unlogged.code, unlogged.stderr).toBe(2);
  expect(unlogged.of("verdict")[0]?.says).toMatch(/^nginx answers 502, and .*other\.log does not tell/);

  const nobody = await healthy.ask([], { url: `http://127.0.0.1:${await freePort()}/` });
  expect(nobody.of("verdict")).toMatchObject([{ answer: "no_nginx" }]);
});
