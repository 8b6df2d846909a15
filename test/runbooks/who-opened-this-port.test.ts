import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readSockets } from "../../src/linux/sockets.js";
import { type RanCase, runText } from "../support/casebook.js";
import { type BuildOptions, buildGo, type GoProgram } from "../support/go-program.js";
import { freePorts } from "../support/ports.js";
import { type ServedProgram, serveProgram, threadsOf } from "../support/served-program.js";
import { type Bench, createBench } from "../support/step-context.js";

/** How often the opener is looked for on each build. */
const rounds = Number(process.env.CASEBOOK_STORMS ?? 1);

const runbook = readFileSync(
  fileURLToPath(new URL("../../runbooks/who-opened-this-port.yaml", import.meta.url)),
  "utf8",
);

const builds: Readonly<Record<string, BuildOptions>> = {
  debug: {},
  optimized: { flags: [] },
  trimmed: { flags: ["-trimpath"] },
};

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(async () => await bench[Symbol.asyncDispose]());

const ask = (port: number): Promise<RanCase> => runText(runbook, ["--allow", "disrupt", "-i", `port=${port}`]);

const listening = (pid: number) => readSockets(bench.target, { pid, state: "listening" }, AbortSignal.timeout(30_000));

async function expectUntouched(served: ServedProgram): Promise<void> {
  expect(await served.healthz()).toBe("ok");
  expect(threadsOf(served.pid).filter(({ tracer, state }) => tracer !== 0 || /[tT]/.test(state))).toEqual([]);
}

for (const [build, options] of Object.entries(builds)) {
  test(`the code behind each port of a running program is named, ${rounds} times, ${build}`, {
    timeout: 60_000 * rounds,
  }, async () => {
    await using program = await buildGo("random-port", { name: "kubelet", ...options });
    for (let round = 1; round <= rounds; round++) {
      await using served = await serveProgram(program, ["-parked=50"]);
      const sockets = await listening(served.pid);
      expect(sockets).toHaveLength(3);
      const documented = served.child.spawnargs.flatMap((each) => /port=(\d+)$/.exec(each)?.[1] ?? []);
      const random = sockets.find(({ port }) => !documented.includes(String(port)));
      const ran = await ask(random?.port ?? 0);
      expect(ran.code, `round ${round}: ${ran.stderr}`).toBe(0);
      expect(ran.of("verdict")[0]).toMatchObject({ answer: "found" });
      expect(ran.of("verdict")[0]?.says).toContain("`randomport/streaming.(*server).Start`");
      expect(ran.of("verdict")[0]?.says).toContain("started by `randomport/dockershim.(*dockerService).Start`");
      expect(ran.finished("listeners").saved).toMatchObject({ inode: random?.inode });
      expect(ran.finished("waiting").saved).toMatchObject({ server: { values: { "int(pd.fd)": random?.fd } } });
      await expectUntouched(served);
      if (round > 1) continue;

      const main = await ask(served.port);
      expect(main.of("verdict")[0]?.says).toMatch(/^`main\.serve\.func1` .*started by `main\.serve`\.$/);
      await expectUntouched(served);
    }
  });
}

/** Starts the fixture `listeners`, which prints its port. */
async function listen(program: GoProgram, how: string) {
  const child = spawn(program.path, [how], { stdio: ["ignore", "pipe", "inherit"] });
  const [chunk] = await once(child.stdout, "data");
  const port = Number(String(chunk));
  return {
    port,
    pid: child.pid ?? 0,
    healthz: async () => await (await fetch(`http://127.0.0.1:${port}/healthz`)).text(),
    async [Symbol.asyncDispose]() {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

const told: Readonly<Record<string, RegExp>> = {
  wrapped: /^`main\.serveWrapped` .*, through `main\.\(\*limited\)\.Accept`\./,
  shared: /^`main\.serveShared` .* held as well by sleep \(process \d+, descriptor 3\)\.$/,
  copied: /^`main\.serveCopy` /,
  parent: /^`main\.serveCopy` .* of exe, .* held as well by listeners \(process \d+, descriptor \d+\)/,
  bare: /^`main\.serveBare` /,
};

test("the code is named however the socket came to it", { timeout: 120_000 }, async () => {
  await using program = await buildGo("listeners", { flags: [] });
  for (const [how, says] of Object.entries(told)) {
    await using served = await listen(program, how);
    const ran = await ask(served.port);
    expect(ran.of("verdict")[0], `${how}: ${ran.stderr}`).toMatchObject({ answer: "found" });
    expect(ran.of("verdict")[0]?.says).toMatch(says);
    expect(await served.healthz()).toBe("ok");
    expect(threadsOf(served.pid).filter(({ tracer, state }) => tracer !== 0 || /[tT]/.test(state))).toEqual([]);
  }
  await using datagrams = await listen(program, "datagrams");
  const ran = await ask(datagrams.port);
  expect(ran.of("verdict")[0]).toMatchObject({ answer: "nobody_listens" });
  expect(ran.of("verdict")[0]?.says).toContain(`listeners (process ${datagrams.pid}) has UDP port ${datagrams.port}`);
});

test("a port that nobody listens on is told so", async () => {
  const [port = 0] = await freePorts(1);
  const ran = await ask(port);
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.of("verdict")[0]).toMatchObject({ answer: "nobody_listens" });
});

test("the port of a program in another language leaves the question undecided, and the program alone", async () => {
  const code = 'require("net").createServer().listen(0, "127.0.0.1", function () { console.log(this.address().port) })';
  const child = spawn(process.execPath, ["-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [chunk] = await once(child.stdout, "data");
    const ran = await ask(Number(String(chunk)));
    expect(ran.code, ran.stderr).toBe(2);
    expect(ran.of("verdict")[0]).toMatchObject({ answer: "undecided" });
    expect(ran.of("verdict")[0]?.says).toMatch(/^node, process \d+, holds the socket, .* another language than Go/);
    expect(ran.of("change-announced")).toEqual([]);
    expect(child.exitCode).toBeNull();
  } finally {
    child.kill();
  }
});
