import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { createConnection, createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { casebook, runText } from "../support/casebook.js";
import {
  delveMinor,
  expectFree,
  look,
  lookingRunbook,
  refusal,
  startDelve,
  untilRunsTraced,
} from "../support/debugged.js";
import { buildGo, type GoProgram } from "../support/go-program.js";
import { freePorts } from "../support/ports.js";
import { startCasebook } from "../support/running.js";
import { scratch } from "../support/scratch.js";
import { type ServedProgram, serveProgram } from "../support/served-program.js";

/** A name that no other process on the machine has, also when the tests run twice at once; a process has 15 bytes for it. */
const name = `join${process.pid}p`;

let program: GoProgram;
let served: ServedProgram;
beforeAll(async () => {
  program = await buildGo("random-port", { name });
  served = await serveProgram(program);
});
afterAll(async () => {
  await served[Symbol.asyncDispose]();
  await program[Symbol.asyncDispose]();
});

test("somebody else's Delve is joined and left as it was, with its program", async () => {
  // Newer ones speak no other version than 2.
  const old = delveMinor < 24 ? ["--api-version=1"] : [];
  await using other = await startDelve(["attach", String(served.pid), "--accept-multiclient", "--continue", ...old]);
  await untilRunsTraced(served);
  const ran = await look(
    `{ connect: "${other.address}" }`,
    "[{ break: main.routes.func1 }, { goroutines: { at: main.main } }]",
  );
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.finished("looked").result).toMatchObject({ goroutines: [{ id: 1 }] });
  expect(ran.of("change-undone").map(({ how }) => how)).toEqual(["1 breakpoint cleared; the program runs, as before"]);
  expect(other.child.exitCode).toBeNull();
  expect(await served.healthz()).toBe("ok");
  await other.end();
  await expectFree(served);
});

/** A socket in the file system that leads to a TCP port. */
async function socketTo(address: string): Promise<AsyncDisposable & { readonly path: string }> {
  const path = join(await scratch(), "dlv.sock");
  const port = Number(address.split(":").at(-1));
  const server = createServer((socket) => {
    const onwards = createConnection(port, "127.0.0.1");
    for (const each of [socket, onwards]) each.on("error", () => {});
    socket.pipe(onwards).pipe(socket);
  });
  server.listen(path);
  await once(server, "listening");
  return {
    path,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, "close");
    },
  };
}

test.each([
  ["killed", "SIGKILL", "a port"],
  ["frozen", "SIGSTOP", "a port"],
  ["killed", "SIGKILL", "a socket in the file system"],
  ["frozen", "SIGSTOP", "a socket in the file system"],
] as const)(
  "a program at somebody else's Delve runs on when casebook is %s (%s) while it stands, at %s",
  async (...at) => {
    const [, signal, where] = at;
    await using other = await startDelve(["attach", String(served.pid), "--accept-multiclient", "--continue"]);
    await untilRunsTraced(served);
    await using socket = await socketTo(other.address);
    const address = where === "a port" ? other.address : socket.path;
    const text = `${lookingRunbook(`{ connect: "${address}" }`, "[{ break: main.routes.func1 }, continue, { stack: 3 }]")}      - run: sleep 60\n`;
    const folder = await scratch({ "joined.yaml": text });
    const running = startCasebook(["run", "joined.yaml", "--allow", "disrupt", "--out", "case"], folder);
    await running.says("→   looked");
    const stands = running.says("→   run");
    // Its breakpoint is not met before it is set.
    for (let answer = "ok"; answer === "ok"; ) answer = await served.healthz(500);
    await stands;
    running.child.kill(signal);
    expect(await served.healthz(20_000)).toBe("ok");
    expect(await served.healthz()).toBe("ok");
    running.child.kill("SIGKILL");
    await running.ended;
    const restored = await casebook(["restore", "case"], { cwd: folder });
    expect(restored.code, restored.stderr).toBe(0);
    expect(await served.healthz()).toBe("ok");
    await other.end();
    await expectFree(served);
  },
);

test("a Delve that would leave with casebook is not joined, nor is what is none", async () => {
  await using other = await startDelve(["attach", String(served.pid)]);
  expect(await refusal(`{ connect: "${other.address}" }`)).toMatch(
    /serves one client, and leaves when that leaves.*--accept-multiclient$/,
  );
  expect(other.child.exitCode).toBeNull();
  expect(await refusal(`{ attach: ${served.pid} }`)).toMatch(
    new RegExp(
      `\\(process ${served.pid}\\), but dlv \\(process \\d+\\) traces it already, and a process has one tracer`,
    ),
  );
  await other.end();
  const [port] = await freePorts(1);
  expect(await refusal(`{ connect: "127.0.0.1:${port}" }`)).toContain(
    `expected a Delve at 127.0.0.1:${port}, found none`,
  );
  expect(await refusal(`{ connect: "127.0.0.1:${served.port}" }`)).toContain("expected a headless Delve");
  expect(await refusal("{ connect: nowhere }")).toContain("expected an address such as 127.0.0.1:2345, found nowhere");
  await expectFree(served);
});

test("a Delve with one client is told from others at a socket in the file system too", async () => {
  const path = join(await scratch(), "dlv.sock");
  const code = `require("node:net").createServer((socket) => socket.end()).listen(process.argv[1], () => console.log())`;
  for (const flags of [["--headless"], ["--headless", "--accept-multiclient"], []]) {
    const child = spawn(process.execPath, ["-e", code, path, ...flags], { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    const told = await refusal(`{ connect: ${path} }`);
    if (flags.length === 1)
      expect(told).toMatch(new RegExp(`the Delve at ${path} \\(process ${child.pid}\\) serves one`));
    else expect(told).toContain(`connect ${path}: Delve closed the connection`);
    const ended = once(child, "exit");
    child.kill();
    await ended;
    await rm(path, { force: true });
  }
});

test("a server that never answers is given up when the step's time is over, one that is no Delve at once", async () => {
  const folder = await scratch();
  const path = join(folder, "silent.sock");
  let answers = false;
  await using _silent = await new Promise<AsyncDisposable>((resolve) => {
    const server = createServer((socket) => {
      let id = 0;
      socket.on("data", () => answers && socket.write(`{"id":${++id},"result":{},"error":null}\n`));
    });
    server.listen(path, () =>
      resolve({ [Symbol.asyncDispose]: () => new Promise((closed) => server.close(() => closed())) }),
    );
  });
  const text = lookingRunbook(`{ connect: ${path} }`).replace("timeout: 60s", "timeout: 300ms");
  const ran = await runText(text, ["--allow", "disrupt"]);
  expect(ran.code, ran.stderr).toBe(3);
  expect(ran.finished("session").reason).toBe("timed out after 300 ms");
  answers = true;
  expect(await refusal(`{ connect: ${path} }`)).toContain(
    `connect ${path}: expected an answer of Delve's, found another`,
  );
});
