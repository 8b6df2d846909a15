import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RanCase, runText } from "../support/casebook.js";
import { buildGo, type GoProgram } from "../support/go-program.js";
import { scratch } from "../support/scratch.js";
import { type ServedProgram, serveProgram } from "../support/served-program.js";

let program: GoProgram;
let served: ServedProgram;
beforeAll(async () => {
  program = await buildGo("random-port", { name: "kubelet" });
  served = await serveProgram(program);
});
afterAll(async () => {
  await served[Symbol.asyncDispose]();
  await program[Symbol.asyncDispose]();
});

/** Stands for a Delve of another kind: it answers every call with the same text. */
const oddDelve = (answer: string): string => `#!${process.execPath}
if (process.argv[2] === "version") {
  console.log("Delve Debugger\\nVersion: 1.20.2");
} else {
  const server = require("node:net").createServer((socket) => {
    socket.on("error", () => {}).on("data", () => socket.write(${JSON.stringify(`${answer}\n`)}));
  });
  server.listen(0, "127.0.0.1", () => console.log("API server listening at: 127.0.0.1:" + server.address().port));
}
`;

async function run(answer: string, way: string): Promise<RanCase> {
  const path = join(await scratch(), "dlv");
  await writeFile(path, oddDelve(answer), { mode: 0o755 });
  return await runText(
    `casebook: 1
title: Another Delve
steps:
  - id: session
    delve: ${way}
    timeout: 30s
    during: [{ debug: [stack] }]
`,
    ["--allow", "disrupt"],
    { env: { CASEBOOK_DLV: path } },
  );
}

test.each([
  [
    "an answer of another shape",
    '{"id":1,"result":{"Version":"9"},"error":null}',
    "expected an answer of Delve's, found another (DelveVersion: ",
  ],
  ["no answer at all", "HTTP/1.1 400 Bad Request", "expected a JSON-RPC reply, found HTTP/1.1 400 Bad Request"],
])("a Delve that gives %s fails the step and says so, and nothing of it stays", async (_, answer, told) => {
  const started = await run(answer, `{ exec: [${program.path}] }`);
  expect(started.code, started.stderr).toBe(3);
  expect(started.finished("session").reason).toContain(told);
  expect(started.finished("session").remedy).toContain("casebook works with Delve 1.20 and newer");
  expect(started.of("change-undone")).toEqual([expect.objectContaining({ state: "undone" })]);

  const attached = await run(answer, `{ attach: ${served.pid} }`);
  expect(attached.code, attached.stderr).toBe(3);
  expect(attached.finished("session").reason).toContain(told);
  expect(attached.of("change-undone")).toEqual([
    expect.objectContaining({ how: expect.stringContaining(`process ${served.pid} runs, TracerPid 0`) }),
  ]);
  expect(await served.healthz()).toBe("ok");
});
