import { once } from "node:events";
import { open, readdir, readFile, readlink } from "node:fs/promises";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { socketOf } from "../../src/linux/socket-of.js";
import { readSockets } from "../../src/linux/sockets.js";
import type { Target } from "../../src/model/target.js";
import { scratch } from "../support/scratch.js";
import { type Bench, createBench } from "../support/step-context.js";

let bench: Bench;
let server: Server;
beforeAll(async () => {
  bench = await createBench();
  server = createServer().listen(0, "::1");
  await once(server, "listening");
});
afterAll(async () => {
  server.close();
  await bench[Symbol.asyncDispose]();
});

const soon = () => AbortSignal.timeout(30_000);
const port = () => (server.address() as AddressInfo).port;
const expected = async () => {
  const [row] = await readSockets(bench.target, { pid: process.pid, port: port(), state: "listening" }, soon());
  if (row === undefined) throw new Error("the server is not listed");
  return row;
};

/** Of the Unix socket of this process at a path. */
async function descriptorOf(path: string): Promise<number> {
  const table = await readFile("/proc/self/net/unix", "utf8");
  const inode = table
    .split("\n")
    .find((line) => line.endsWith(` ${path}`))
    ?.split(/ +/)[6];
  for (const fd of await readdir("/proc/self/fd")) {
    const leads = await readlink(`/proc/self/fd/${fd}`).catch(() => "");
    if (leads === `socket:[${inode}]`) return Number(fd);
  }
  throw new Error(`this process has no socket at ${path}`);
}

test("the socket behind a descriptor is the row that sockets lists", async () => {
  const row = await expected();
  expect(await socketOf(bench.target, process.pid, row.fd ?? -1, soon())).toEqual({ socket: row });
});

test("a kernel that does not tell the inode in fdinfo is asked in another way", async () => {
  const row = await expected();
  const old: Target = {
    ...bench.target,
    read: async (path, signal) => {
      const bytes = await bench.target.read(path, signal);
      return path.includes("/fdinfo/") ? Buffer.from("pos:\t0\nflags:\t02004002\nmnt_id:\t9\n") : bytes;
    },
  };
  expect(await socketOf(old, process.pid, row.fd ?? -1, soon())).toEqual({ socket: row });
});

test("why there is no row is told", async () => {
  expect(await socketOf(bench.target, process.pid, 99_999, soon())).toEqual({
    why: `process ${process.pid} holds no descriptor 99999`,
  });
  const nothing = await open("/dev/null");
  const found = await socketOf(bench.target, process.pid, nothing.fd, soon());
  await nothing.close();
  expect(found).toEqual({
    why: expect.stringMatching(/^descriptor \d+ \(inode \d+\) is no TCP or UDP socket$/),
  });
  const path = join(await scratch(), "a socket");
  await using local = createServer().listen(path);
  await once(local, "listening");
  expect(await socketOf(bench.target, process.pid, await descriptorOf(path), soon())).toEqual({
    why: expect.stringMatching(new RegExp(`^descriptor \\d+ \\(inode \\d+\\) is a Unix socket at ${path}$`)),
  });
});
