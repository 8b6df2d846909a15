import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { casebook } from "../support/casebook.js";
import { changedCode } from "../support/code-of.js";
import { buildGo } from "../support/go-program.js";
import { freePort } from "../support/ports.js";
import { processesGone } from "../support/processes.js";
import { serveProgram, threadsOf } from "../support/served-program.js";
import { startSshd } from "../support/sshd.js";
import { needs } from "../support/tools.js";
import { before, expectMadeGood, waiting } from "../support/waiting.js";

test("when sshd's process is killed, the step says so and everything is put back over a new connection", async () => {
  await using sshd = await startSshd();
  await using run = await waiting(sshd);
  for (const pid of sshd.connections()) process.kill(pid, "SIGKILL");
  await expectMadeGood(run);
});

test("when the ssh client is killed, the step says so and everything is put back over a new connection", async () => {
  await using sshd = await startSshd();
  await using run = await waiting(sshd);
  process.kill(run.master(), "SIGKILL");
  await expectMadeGood(run);
});

test("when the ssh client stands still, casebook misses an answer and everything is put back over a new connection", {
  timeout: 90_000,
}, async () => {
  await using sshd = await startSshd();
  await using run = await waiting(sshd);
  const master = run.master();
  process.kill(master, "SIGSTOP");
  await expectMadeGood(run);
  expect((await run.events()).find(({ type }) => type === "target-lost")).toMatchObject({ why: "no answer for 20 s" });
  expect(() => process.kill(master, 0)).toThrow("ESRCH");
});

test("when casebook is killed, the host ends what runs there, and restore puts the rest back", async () => {
  await using sshd = await startSshd();
  await using run = await waiting(sshd);
  run.child.kill("SIGKILL");
  await run.end();
  expect(await processesGone(run.mark)).toEqual([]);
  expect(readdirSync(run.temporary)).toEqual([]);
  expect(await run.level()).toContain("level=debug");
  const env = sshd.env;
  const restored = await casebook(["restore", "case"], { cwd: run.folder, env });
  expect(restored.code, restored.stdout).toBe(0);
  expect(restored.stdout).toMatch(/log level .*: put back/);
  expect(await run.level()).toBe(before);
  const again = await casebook(["restore", "case"], { cwd: run.folder, env });
  expect(again).toMatchObject({ code: 0, stdout: "Nothing was left to put back.\n" });
});

test("a host that cannot be reached again: exit 80, and restore finishes when it can, also by another way", async () => {
  const port = await freePort();
  await using run = await (async () => {
    await using sshd = await startSshd({ port });
    const run = await waiting(sshd);
    await sshd[Symbol.asyncDispose]();
    return run;
  })();
  const { code, stdout } = await run.end();
  expect(code).toBe(80);
  expect(stdout.trimEnd().split("\n").at(-1)).toBe("casebook restore case");
  expect(await processesGone(run.mark)).toEqual([]);
  expect(await run.level()).toContain("level=debug");
  await using back = await startSshd();
  const still = await casebook(["restore", "case"], { cwd: run.folder, env: { PATH: process.env.PATH } });
  expect(still.code, still.stdout).toBe(80);
  expect(still.stdout).toMatch(/NOT put back: expected a connection/);
  const args = ["restore", "case", "--host", `ssh://127.0.0.1:${back.port}`];
  back.configure({}, "127.0.0.1");
  const restored = await casebook(args, { cwd: run.folder, env: back.env });
  expect(restored.code, restored.stdout).toBe(0);
  expect(await run.level()).toBe(before);
});

test("when the network is cut silently, casebook notices, and the host ends what runs there by itself", {
  timeout: 120_000,
}, async (context) => {
  needs(context, "ip");
  if (process.getuid?.() !== 0) context.skip("only root can make a network");
  await using network = cutNetwork();
  await using sshd = await startSshd({
    address: network.address,
    within: network.within,
    client: { ServerAliveInterval: "1", ServerAliveCountMax: "2", ConnectTimeout: "2" },
  });
  await using run = await waiting(sshd);
  network.cut();
  const { code, stdout, stderr } = await run.end();
  expect(code, stderr).toBe(80);
  expect(stdout).toMatch(/the connection to ssh:\/\/box was lost: Timeout, server .* not responding/);
  expect(stdout.trimEnd().split("\n").at(-1)).toBe("casebook restore case");
  // Nothing tells the host: it waits for a word from casebook until the lease is over.
  expect(await processesGone(run.mark, 60_000)).toEqual([]);
  expect(await run.level()).toContain("level=debug");
  network.mend();
  const restored = await casebook(["restore", "case"], { cwd: run.folder, env: sshd.env });
  expect(restored.code, restored.stdout).toBe(0);
  expect(await run.level()).toBe(before);
});

/** Another network on this machine, whose only link can be taken down: nothing is refused then, nothing arrives. */
function cutNetwork() {
  const name = `cb${process.pid % 100_000}`;
  const ip = (...args: readonly string[]) => execFileSync("ip", args, { stdio: "pipe" });
  const net = `10.213.${process.pid % 250}`;
  ip("netns", "add", name);
  ip("link", "add", `${name}a`, "type", "veth", "peer", "name", `${name}b`, "netns", name);
  ip("addr", "add", `${net}.1/24`, "dev", `${name}a`);
  ip("link", "set", `${name}a`, "up");
  ip("-n", name, "addr", "add", `${net}.2/24`, "dev", `${name}b`);
  ip("-n", name, "link", "set", `${name}b`, "up");
  ip("-n", name, "link", "set", "lo", "up");
  return {
    address: `${net}.2`,
    within: ["ip", "netns", "exec", name],
    cut: () => ip("-n", name, "link", "set", `${name}b`, "down"),
    mend: () => ip("-n", name, "link", "set", `${name}b`, "up"),
    async [Symbol.asyncDispose]() {
      ip("netns", "del", name);
    },
  };
}

test("a program under an attached debugger runs on, untraced and as it was, when the connection is cut", {
  timeout: 60_000,
}, async (context) => {
  needs(context, "dlv", "go");
  await using program = await buildGo("random-port", { name: "kubelet" });
  await using served = await serveProgram(program);
  await using sshd = await startSshd();
  const steps = (pid: number): string => `casebook: 1
title: A debugger is attached when the connection goes
steps:
  - delve: { attach: ${pid} }
    during:
      - debug: [break: main.nowhere.func1]
        on_fail: continue
      - debug: [break: "main.routes.func1"]
      - id: waits
        run: sleep 60
`;
  await using run = await waiting(sshd, () => steps(served.pid), "disrupt");
  for (const pid of sshd.connections()) process.kill(pid, "SIGKILL");
  const { code, stdout, stderr } = await run.end();
  expect(code, stderr).toBe(3);
  expect(stdout).toMatch(/the connection to ssh:\/\/box was lost/);
  expect(served.child.exitCode ?? served.child.signalCode, served.said()).toBeNull();
  expect(threadsOf(served.pid).filter(({ tracer, state }) => tracer !== 0 || /[tT]/.test(state))).toEqual([]);
  expect(await served.healthz()).toBe("ok");
  expect(changedCode(served.pid)).toEqual([]);
  expect(await processesGone(run.mark)).toEqual([]);
});
