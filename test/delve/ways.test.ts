import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { casebook, type RanCase, runText } from "../support/casebook.js";
import { buildGo, type GoProgram } from "../support/go-program.js";
import { freePorts } from "../support/ports.js";
import { startCasebook } from "../support/running.js";
import { scratch } from "../support/scratch.js";
import { type ServedProgram, serveProgram, threadsOf } from "../support/served-program.js";

/** A name that no other process on the machine has, also when the tests run twice at once; a process has 15 bytes for it. */
const name = `ways${process.pid}p`;

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

const runbook = (way: string, commands: string): string => `casebook: 1
title: A way to a program
steps:
  - id: session
    delve: ${way}
    timeout: 60s
    during:
      - { id: looked, debug: ${commands} }
`;
const looking = "[{ goroutines: { at: main.main, stack: 5 } }]";
const run = (way: string, commands = looking): Promise<RanCase> =>
  runText(runbook(way, commands), ["--allow", "disrupt"]);

async function refusal(way: string): Promise<string> {
  const ran = await run(way);
  expect(ran.code, ran.stderr).toBe(3);
  expect(ran.of("process-stopped")).toEqual([]);
  const { reason, remedy } = ran.finished("session");
  return `${reason}; ${remedy}`;
}

const expectFree = async (): Promise<void> => {
  expect(threadsOf(served.pid).filter(({ tracer, state }) => tracer !== 0 || /[tT]/.test(state))).toEqual([]);
  expect(await served.healthz()).toBe("ok");
};

/** A Delve of somebody else, with the address at which it listens. */
async function startDelve(args: readonly string[]): Promise<{ child: ChildProcess; address: string }> {
  const child = spawn("dlv", [...args, "--headless", "--listen=127.0.0.1:0"], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  const address = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const found = /listening at: (\S+)\n/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once("exit", () => reject(new Error(said)));
  });
  return { child, address };
}

async function endDelve(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGINT");
  await ended;
}

test("the one process with a name is found, and several or none are an error that names them", async () => {
  const ran = await run(`{ process: ${name} }`);
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.finished("session").result).toMatchObject({ pid: served.pid });
  await expectFree();
  expect(await refusal(`{ process: ${name}x }`)).toContain(
    `expected one process with the name ${name}x, found none; did you mean ${name}?; to wait until it starts, write wait_for`,
  );
  await using other = await serveProgram(program);
  const several = await refusal(`{ process: ${name} }`);
  expect(several).toContain(`expected one process with the name ${name}, found 2: `);
  expect(several).toContain(`${other.pid} (${program.path} -port=${other.port}`);
});

test("a program is waited for until it runs", async () => {
  const awaited = `late${process.pid}p`;
  const folder = await scratch({ "wait.yaml": runbook(`{ wait_for: ${awaited} }`, looking) });
  const path = join(folder, awaited);
  await copyFile(program.path, path);
  const { says, ended } = startCasebook(["run", "wait.yaml", "--allow", "disrupt", "--out", "case"], folder);
  await says("→ session");
  await using late = await serveProgram({ ...program, path });
  const { code, stderr } = await ended;
  expect(code, stderr).toBe(0);
  expect(stderr).toContain(`put back: process ${late.pid} runs, TracerPid 0`);
  expect(await late.healthz()).toBe("ok");
});

test("somebody else's Delve is joined and left as it was, with its program", async () => {
  const args = ["attach", String(served.pid), "--accept-multiclient", "--continue", "--api-version=1"];
  const { child, address } = await startDelve(args);
  const ran = await run(
    `{ connect: "${address}" }`,
    "[{ break: main.routes.func1 }, { goroutines: { at: main.main } }]",
  );
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.finished("looked").result).toMatchObject({ goroutines: [{ id: 1 }] });
  expect(ran.of("change-undone").map(({ how }) => how)).toEqual(["1 breakpoint cleared; the program runs, as before"]);
  expect(child.exitCode).toBeNull();
  expect(await served.healthz()).toBe("ok");
  await endDelve(child);
  await expectFree();
});

test.each([
  ["killed", "SIGKILL"],
  ["frozen", "SIGSTOP"],
] as const)("a program at somebody else's Delve runs on when casebook is %s while it stands", async (_, signal) => {
  const { child, address } = await startDelve(["attach", String(served.pid), "--accept-multiclient", "--continue"]);
  const text = `${runbook(`{ connect: "${address}" }`, "[{ break: main.routes.func1 }, continue]")}      - run: sleep 60\n`;
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
  await endDelve(child);
  await expectFree();
});

test("a Delve that would leave with casebook is not joined, nor is what is none", async () => {
  const { child, address } = await startDelve(["attach", String(served.pid)]);
  expect(await refusal(`{ connect: "${address}" }`)).toMatch(
    /serves one client, and leaves when that leaves.*--accept-multiclient$/,
  );
  expect(child.exitCode).toBeNull();
  expect(await refusal(`{ attach: ${served.pid} }`)).toMatch(
    new RegExp(
      `\\(process ${served.pid}\\), but dlv \\(process \\d+\\) traces it already, and a process has one tracer`,
    ),
  );
  await endDelve(child);
  const [port] = await freePorts(1);
  expect(await refusal(`{ connect: "127.0.0.1:${port}" }`)).toContain(
    `expected a Delve at 127.0.0.1:${port}, found none`,
  );
  expect(await refusal(`{ connect: "127.0.0.1:${served.port}" }`)).toContain("expected a headless Delve");
  expect(await refusal("{ connect: nowhere }")).toContain("expected an address such as 127.0.0.1:2345, found nowhere");
  await expectFree();
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
  const text = runbook(`{ connect: ${path} }`, looking).replace("timeout: 60s", "timeout: 300ms");
  const ran = await runText(text, ["--allow", "disrupt"]);
  expect(ran.code, ran.stderr).toBe(3);
  expect(ran.finished("session").reason).toBe("timed out after 300 ms");
  answers = true;
  expect(await refusal(`{ connect: ${path} }`)).toContain(
    `connect ${path}: expected an answer of Delve's, found another`,
  );
});

test("a core file is looked at, with the executable that it names or that is given", async () => {
  const folder = await scratch({ init: "dump dumped\nexit\n" });
  const args = ["attach", String(served.pid), "--init", "init", "--allow-non-terminal-interactive=true"];
  const dumping = spawn("dlv", args, { cwd: folder, stdio: ["pipe", "ignore", "inherit"] });
  // It asks whether the program is to be killed.
  dumping.stdin.end("n\n");
  await once(dumping, "exit");
  const dumped = join(folder, "dumped");
  const looked = async (way: string): Promise<void> => {
    const ran = await run(way);
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.finished("looked").result).toMatchObject({
      goroutines: [{ id: 1, stack: expect.arrayContaining([expect.objectContaining({ function: "main.main" })]) }],
    });
    expect(ran.finished("session").result).toMatchObject({ stops: 0, stopped_milliseconds: 0 });
    expect(ran.of("process-stopped")).toEqual([]);
  };
  await looked(`{ core: ${dumped}, program: ${program.path} }`);
  const going = await run(`{ core: ${dumped}, program: ${program.path} }`, "[continue]");
  expect(going.finished("looked").reason).toBe("continue: the program has ended, and a core file cannot run");
  expect(await refusal(`{ core: ${dumped} }`)).toContain(
    "does not say which program it is of; name the executable with",
  );
  expect(await refusal(`{ core: ${program.path} }`)).toContain("is an ELF file of another type");
  expect(await refusal(`{ core: ${dumped}, program: /bin/ls }`)).toContain("found one of another language");
  await expectFree();

  // The kernel writes cores where this pattern says, which may be another program.
  if ((await readFile("/proc/sys/kernel/core_pattern", "utf8")) !== "core\n") return;
  const script = `ulimit -c unlimited; cd ${folder}; GOTRACEBACK=crash exec "$@"`;
  const crashing = spawn("/bin/sh", ["-c", script, "sh", program.path, "-port=0", "-read-only-port=0"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  await once(crashing.stderr, "data");
  const ended = once(crashing, "exit");
  crashing.kill("SIGABRT");
  await ended;
  await looked(`{ core: ${join(folder, "core")} }`);
});

test("what cannot be attached to is told apart before anything is stopped", async () => {
  expect(await refusal("{ attach: 4194303 }")).toContain("expected a process with pid 4194303, found none");
  expect(await refusal("{ attach: 2 }")).toMatch(/\(process 2\), but it has no executable: it is a part of the kernel/);
  const shell = spawn("/bin/sh", ["-c", "sleep 0 & exec sleep 600"], { stdio: "ignore" });
  await once(shell, "spawn");
  expect(await refusal(`{ attach: ${shell.pid} }`)).toContain(
    "found one of another language; Delve debugs Go programs only",
  );
  shell.kill("SIGSTOP");
  expect(await refusal(`{ attach: ${shell.pid} }`)).toContain(
    `but it was stopped by a signal (state T); let it run first: kill -CONT ${shell.pid}`,
  );
  shell.kill("SIGKILL");
  const parent = spawn("/bin/sh", ["-c", "sleep 0 & echo $!; exec sleep 600"], { stdio: ["ignore", "pipe", "ignore"] });
  const [zombie] = await once(parent.stdout, "data");
  await promisify(execFile)("sleep", ["0.1"]);
  expect(await refusal(`{ attach: ${Number(zombie)} }`)).toContain(
    "but it has ended and only waits for its parent to notice",
  );
  parent.kill("SIGKILL");
  await expectFree();
});

test("a stripped program is refused by a Delve that needs debug information, and runs on", async () => {
  await using stripped = await buildGo("random-port", { name: "strippedprogram", flags: ["-ldflags", "-s -w"] });
  await using other = await serveProgram(stripped);
  const folder = await scratch();
  const old = join(folder, "dlv");
  await writeFile(old, "#!/bin/sh\necho 'Delve Debugger'; echo 'Version: 1.23.1'\n", { mode: 0o755 });
  const ran = await runText(runbook(`{ attach: ${other.pid} }`, looking), ["--allow", "disrupt"], {
    env: { CASEBOOK_DLV: old },
  });
  expect(ran.finished("session").reason).toBe(
    `Delve 1.23.1 needs debug information, but strippedprogram (process ${other.pid}) is stripped`,
  );
  const nowhere = await runText(runbook(`{ attach: ${other.pid} }`, looking), ["--allow", "disrupt"], {
    env: { CASEBOOK_DLV: "/nowhere/dlv" },
  });
  expect(nowhere.code).toBe(69);
  expect(nowhere.stderr).toContain("dlv is missing");
  expect(ran.of("process-stopped")).toEqual([]);
  expect(await other.healthz()).toBe("ok");
});
