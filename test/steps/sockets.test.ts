import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { collect } from "../../src/linux/collect.js";
import { readSockets } from "../../src/linux/sockets.js";
import { sockets } from "../../src/steps/sockets/index.js";
import { type Bench, createBench } from "../support/step-context.js";

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(async () => await bench[Symbol.asyncDispose]());

async function listen(host: string) {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  return { server, port: (server.address() as AddressInfo).port };
}

test("a listener is found with its holder, and is gone when it is closed", async () => {
  const { server, port } = await listen("127.0.0.1");
  const { result } = await bench.observe(sockets, { port, state: "listening" });
  expect(result.sockets).toEqual([
    {
      protocol: "tcp",
      state: "listening",
      address: "127.0.0.1",
      port,
      peer_address: "0.0.0.0",
      peer_port: 0,
      process: expect.stringMatching(/./),
      pid: process.pid,
      fd: expect.any(Number),
      inode: expect.any(Number),
    },
  ]);
  server.close();
  await once(server, "close");
  expect((await bench.observe(sockets, { port, state: "listening" })).result.sockets).toEqual([]);
});

test("IPv6 listeners are found under tcp and under tcp6", async () => {
  const { server, port } = await listen("::1");
  for (const protocol of ["tcp", "tcp6"]) {
    const { result } = await bench.observe(sockets, { port, protocol, state: "listen" });
    expect(result.sockets).toMatchObject([{ protocol: "tcp6", address: "::1", peer_address: "::" }]);
  }
  expect((await bench.observe(sockets, { port, protocol: "udp" })).result.sockets).toEqual([]);
  server.close();
});

test("both ends of a connection are shown", async () => {
  const { server, port } = await listen("127.0.0.1");
  const client = connect(port, "127.0.0.1");
  const [accepted] = await once(server, "connection");
  const { result } = await bench.observe(sockets, { pid: process.pid, state: "established" });
  const mine = (result.sockets as { port: number; peer_port: number }[]).filter(
    (socket) => socket.port === port || socket.peer_port === port,
  );
  expect(mine).toHaveLength(2);
  client.destroy();
  accepted.destroy();
  server.close();
});

test("UDP sockets are found and are unconnected", async () => {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { result } = await bench.observe(sockets, { port: socket.address().port, protocol: "udp" });
  expect(result.sockets).toMatchObject([{ state: "unconnected", pid: process.pid }]);
  socket.close();
});

test("a pid chooses what that process holds, a name what processes of that name hold", async () => {
  const { server, port } = await listen("127.0.0.1");
  const [own] = await readSockets(bench.target, { pid: process.pid, port }, AbortSignal.timeout(30_000));
  expect(own?.pid).toBe(process.pid);
  const named = await bench.observe(sockets, { process: own?.process ?? "", port });
  expect(named.result.sockets).toHaveLength(1);
  expect((await bench.observe(sockets, { process: "no-such-name", port })).result.sockets).toEqual([]);
  expect((await bench.observe(sockets, { pid: process.ppid, port })).result.sockets).toEqual([]);
  server.close();
});

test("a pid that is not there fails the step", async () => {
  await expect(bench.observe(sockets, { pid: 999_999_999 })).rejects.toThrow(
    "expected a process with pid 999999999, found none",
  );
});

test("what is read agrees with ss", async () => {
  const { server } = await listen("127.0.0.1");
  const { exit, out } = await ss();
  expect(exit).toBe(0);
  const { result } = await bench.observe(sockets, { protocol: "tcp", state: "listening" });
  const rows = result.sockets as { address: string; port: number }[];
  expect(rows.map(({ port }) => port).sort()).toEqual(out.sort());
  server.close();
});

async function ss(): Promise<{ exit: number | null; out: number[] }> {
  const { exit, stdout } = await collect(bench.target, { argv: ["ss", "-Htln"] }, AbortSignal.timeout(30_000));
  const ports = stdout
    .trim()
    .split("\n")
    .map((line) => Number(/:(\d+)\s/.exec(line)?.[1]));
  return { exit: exit.code, out: ports };
}

test("that UDP does not listen is said at once", () => {
  const issues = sockets.spec.safeParse({ protocol: "udp", state: "listening" }).error?.issues;
  expect(issues?.[0]).toMatchObject({ path: ["state"], message: expect.stringContaining("unconnected") });
});

test("whose holder could not be read is said", () => {
  const row = {
    protocol: "tcp" as const,
    state: "listening",
    address: "::",
    port: 1,
    peer_address: "::",
    peer_port: 0,
    process: null,
    pid: null,
    fd: null,
    inode: 7,
  };
  expect(sockets.view({}, { sockets: [row] })).toContainEqual({ type: "text", text: expect.stringContaining("root") });
  expect(sockets.view({}, { sockets: [{ ...row, inode: 0 }] })).toHaveLength(1);
});
