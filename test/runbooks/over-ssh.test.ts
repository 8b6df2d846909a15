import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runText } from "../support/casebook.js";
import { buildGo, type GoProgram } from "../support/go-program.js";
import { freePorts } from "../support/ports.js";
import { marked, processesGone } from "../support/processes.js";
import { serveProgram, threadsOf } from "../support/served-program.js";
import { type Sshd, startSshd } from "../support/sshd.js";

const shipped = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../runbooks/${name}.yaml`, import.meta.url)), "utf8");

let program: GoProgram;
let sshd: Sshd;
beforeAll(async () => {
  program = await buildGo("random-port", { name: "kubelet" });
  sshd = await startSshd();
});
afterAll(async () => {
  await sshd[Symbol.asyncDispose]();
  await program[Symbol.asyncDispose]();
});

test("the random port is investigated behind SSH as it is here, and nothing is left there", {
  timeout: 120_000,
}, async () => {
  const [port, readOnly] = await freePorts(2);
  const { mark, env } = marked();
  const command = JSON.stringify([program.path, `-port=${port}`, `-read-only-port=${readOnly}`, "-parked=50"]);
  const given = [`command=${command}`, `known_ports=[${port},${readOnly}]`, `ready_port=${port}`];
  const args = ["--host", "ssh://box", "--allow", "perturb", "--offline", ...given.flatMap((each) => ["-i", each])];
  const ran = await runText(shipped("go-random-port"), args, { env: { ...sshd.env, ...env } });
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.of("target-connected")).toMatchObject([{ host: "ssh://box" }]);
  expect(new Set(ran.of("command-started").map(({ host }) => host))).toEqual(new Set(["ssh://box"]));
  expect(ran.of("verdict")).toMatchObject([
    { answer: "port_zero", says: expect.stringContaining("`randomport/streaming.(*server).Start`") },
  ]);
  expect(ran.of("change-undone").map(({ state }) => state)).toEqual(Array(5).fill("undone"));
  expect(ran.of("expectation").find(({ name }) => name === "same_inode")).toMatchObject({ holds: true });
  expect(ran.of("expectation").find(({ name }) => name === "not_logged")).toMatchObject({ holds: true });
  expect(ran.finished("listens").result).toMatchObject({ lost: 0 });
  expect(await processesGone(mark)).toEqual([]);
});

test("who opened a port of a running program is found behind SSH, and the program runs on", {
  timeout: 120_000,
}, async () => {
  await using served = await serveProgram(program, ["-parked=50"]);
  const args = ["--host", "ssh://box", "--allow", "disrupt", "-i", `port=${served.port}`];
  const { mark, env } = marked();
  const ran = await runText(shipped("who-opened-this-port"), args, { env: { ...sshd.env, ...env } });
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.of("verdict")).toMatchObject([{ answer: "found", says: expect.stringContaining("`main.serve") }]);
  expect(ran.finished("holders").saved).toMatchObject({ holder_pid: served.pid });
  expect(await served.healthz()).toBe("ok");
  expect(threadsOf(served.pid).filter(({ tracer, state }) => tracer !== 0 || /[tT]/.test(state))).toEqual([]);
  expect(await processesGone(mark)).toEqual([]);
});
