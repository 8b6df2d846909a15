import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { http } from "../../src/steps/http/index.js";
import { type Bench, createBench } from "../support/step-context.js";

let bench: Bench;
const servers: Server[] = [];
beforeAll(async () => {
  bench = await createBench();
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
afterAll(async () => await bench[Symbol.asyncDispose]());

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

const serve = async (listener: RequestListener): Promise<string> =>
  `http://127.0.0.1:${await listen(createServer(listener))}`;

/** A server that answers every connection with these bytes and closes it. */
const serveRaw = async (bytes: string): Promise<string> => {
  const server = createTcpServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", () => socket.end(bytes, "latin1"));
  });
  return `http://127.0.0.1:${await listen(server)}`;
};

test("an answer comes with status, headers and body", async () => {
  const url = await serve((request, response) => {
    response.writeHead(
      404,
      "Not There",
      [
        ["X-A", "1"],
        ["x-a", "2"],
        ["Set-Cookie", "a=1"],
        ["Set-Cookie", "b=2"],
      ].flat(),
    );
    response.end(`${request.method} ${request.url} ${request.headers["accept-encoding"]}\n`);
  });
  const { result, failure } = await bench.observe(http, { get: `${url}/hi?x=1#y` });
  expect(result).toMatchObject({
    status: 404,
    body: "GET /hi?x=1 identity",
    headers: { "x-a": "1, 2", "set-cookie": "a=1\nb=2" },
    truncated: false,
    json: null,
    rows: null,
  });
  expect(failure).toBeNull();
});

test("a body and headers are sent, JSON as JSON", async () => {
  const url = await serve(async (request, response) => {
    const body = await text(request);
    response.setHeader("content-type", "application/problem+json");
    response.end(JSON.stringify({ method: request.method, headers: request.headers, body }));
  });
  const posted = await bench.observe(http, { post: url, json: { level: 10 }, headers: { "X-N": "7" } });
  expect(posted.result.json).toMatchObject({
    method: "POST",
    body: '{"level":10}',
    headers: { "content-type": "application/json", "content-length": "12", "x-n": "7" },
  });
  const put = await bench.observe(http, { put: url, body: "10", headers: { "Content-Type": "text/plain" } });
  expect(put.result.json).toMatchObject({ method: "PUT", body: "10", headers: { "content-type": "text/plain" } });
  expect((await bench.observe(http, { delete: url })).result.json).toMatchObject({ method: "DELETE", body: "" });
});

test("only the headers are asked for with head", async () => {
  const url = await serve((_, response) => response.setHeader("content-type", "application/json").end("{}"));
  const { result, captured } = await bench.observe(http, { head: url });
  expect(result).toMatchObject({ status: 200, body: "", json: null });
  expect(captured.has("body")).toBe(false);
});

test("a redirect is an answer and is not followed", async () => {
  const url = await serve((_, response) => response.writeHead(302, { location: "/elsewhere" }).end());
  expect((await bench.observe(http, { get: url })).result).toMatchObject({
    status: 302,
    headers: { location: "/elsewhere" },
  });
});

test("a chunked body is put together, and parsed as one asks", async () => {
  const url = await serve((_, response) => {
    response.write("a,b\n1");
    setImmediate(() => response.end(",2\n"));
  });
  expect((await bench.observe(http, { get: url, parse: "csv" })).result.rows).toEqual([{ a: "1", b: "2" }]);
  const rows = (await bench.observe(http, { get: url, parse: "^(?P<first>\\d)" })).result.rows;
  expect(rows).toEqual([{ first: "1" }]);
});

test("a body that calls itself JSON and is none leaves json null; asked for, it fails", async () => {
  const url = await serve((_, response) => response.setHeader("content-type", "application/json").end("oops"));
  expect((await bench.observe(http, { get: url })).result).toMatchObject({ json: null, body: "oops" });
  await expect(bench.observe(http, { get: url, parse: "json" })).rejects.toThrow("expected JSON");
});

test("no answer fails the step and says why", async () => {
  const server = createTcpServer();
  const port = await listen(server);
  server.close();
  await once(server, "close");
  await expect(bench.observe(http, { get: `http://127.0.0.1:${port}/` })).rejects.toThrow(
    `expected an answer from http://127.0.0.1:${port}/, but the connection was refused: nothing listens there (ECONNREFUSED)`,
  );
  await expect(bench.observe(http, { get: await serveRaw("") })).rejects.toThrow("closed before an answer came");
  await expect(bench.observe(http, { get: await serveRaw("SSH-2.0-OpenSSH_9.2\r\n\r\n") })).rejects.toThrow(
    "is not HTTP",
  );
  const plain = (await serveRaw("no TLS here\r\n")).replace("http:", "https:");
  await expect(bench.observe(http, { get: plain })).rejects.toThrow("TLS failed: wrong version number");
});

test("an answer that breaks off fails the step, and what came is kept", async () => {
  const url = await serveRaw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
  await expect(bench.observe(http, { get: url })).rejects.toMatchObject({
    message: expect.stringContaining("broke off after 4 bytes"),
    observed: { status: 200, body: { bytes: 4 } },
  });
});

test("hostile bytes in a body are kept", async () => {
  const url = await serveRaw("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n\x1b[2J\xff\0<b>");
  expect((await bench.observe(http, { get: url })).result.body).toBe("\u001b[2J\uFFFD\0<b>");
});

test("a certificate that nobody vouches for is refused unless insecure", async () => {
  const [key, cert] = [join(bench.folder, "key.pem"), join(bench.folder, "cert.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
  const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  execFileSync("openssl", [...request, ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" });
  const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) =>
    response.end("ok"),
  );
  const url = `https://127.0.0.1:${await listen(server)}/`;
  await expect(bench.observe(http, { get: url })).rejects.toMatchObject({
    message: expect.stringContaining("certificate was not accepted"),
    remedy: expect.stringContaining("insecure"),
  });
  expect((await bench.observe(http, { get: url, insecure: true })).result).toMatchObject({ status: 200, body: "ok" });
});

test("an endless body ends with the step's time", async () => {
  const url = await serve((_, response) => {
    response.on("error", () => response.destroy());
    const more = (): void => void (response.destroyed || response.write("x".repeat(1000), () => setImmediate(more)));
    more();
  });
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error("time is over")), 200);
  await expect(bench.observe(http, { get: url }, { signal: controller.signal })).rejects.toThrow("time is over");
});

test.each([
  [{}, "expected exactly one of get, head, post, put and delete, found none"],
  [{ get: "http://a/", post: "http://a/" }, "found get and post"],
  [{ get: "http://a/", body: "x" }, "expected no body with get"],
  [{ post: "http://a/", body: "x", json: 1 }, "expected body or json, found both"],
  [{ get: "ftp://a/" }, "http://"],
  [{ get: "http://a/", headers: { "X-A": "a\r\nX-B: b" } }, "without a line break"],
])("%j is refused", (written, message) => {
  expect(JSON.stringify(http.spec.safeParse(written).error?.issues)).toContain(message);
});

test("what only asks observes, what changes something disrupts", () => {
  expect(http.outline({ get: "http://a/‹x›" })).toMatchObject({ risk: "observe", commands: ["GET http://a/‹x›"] });
  for (const method of ["post", "put", "delete"]) expect(http.outline({ [method]: "http://a/" }).risk).toBe("disrupt");
});
