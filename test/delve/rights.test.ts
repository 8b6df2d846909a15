import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, cp } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { cli } from "../support/casebook.js";
import { expectFree, look, lookingRunbook, refusal } from "../support/debugged.js";
import { buildGo, type GoProgram } from "../support/go-program.js";
import { scratch } from "../support/scratch.js";
import { type ServedProgram, serveProgram, threadsOf } from "../support/served-program.js";
import { needs } from "../support/tools.js";

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
beforeEach((context) => {
  if (process.getuid?.() !== 0) context.skip("only root can give up rights");
  needs(context, "strace", "setpriv");
});

const nobody = (): string => execFileSync("id", ["-u", "nobody"], { encoding: "utf8" }).trim();

/** Runs the command line with fewer rights. */
async function lookAs(flags: readonly string[], owner: string): Promise<{ code: number | null; text: string }> {
  const folder = await scratch({ "look.yaml": lookingRunbook(`{ attach: ${served.pid} }`) });
  await cp(dirname(cli()), join(folder, "dist"), { recursive: true });
  await chmod(folder, 0o755);
  execFileSync("chown", ["-R", owner, folder]);
  const args = [
    ...flags,
    process.execPath,
    join(folder, "dist/cli.js"),
    "run",
    "look.yaml",
    "--allow",
    "disrupt",
    "--out",
    "case",
  ];
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: folder,
    ...(process.env.CASEBOOK_DLV && { CASEBOOK_DLV: process.env.CASEBOOK_DLV }),
  };
  const child = spawn("setpriv", args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  }
  const [code] = await once(child, "close");
  return { code, text };
}

test("a program that strace traces is not attached to, and strace goes on", async () => {
  const strace = spawn("strace", ["-f", "-o", "/dev/null", "-p", String(served.pid)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  try {
    let said = "";
    for await (const chunk of strace.stderr) {
      said += String(chunk);
      if (said.includes("attached")) break;
    }
    expect(await refusal(`{ attach: ${served.pid} }`)).toBe(
      `expected to attach Delve to kubelet (process ${served.pid}), but strace (process ${strace.pid}) traces it already, and a process has ` +
        `one tracer; detach strace (process ${strace.pid}) first, or put this step behind the one that traces`,
    );
    expect(new Set(threadsOf(served.pid).map(({ tracer }) => tracer))).toEqual(new Set([strace.pid]));
    expect(await served.healthz()).toBe("ok");
  } finally {
    strace.kill("SIGTERM");
    if (strace.exitCode === null && strace.signalCode === null) await once(strace, "exit");
  }
  await expectFree(served);
  expect((await look(`{ attach: ${served.pid} }`)).code).toBe(0);
  await expectFree(served);
});

test("another user's program is not attached to, and the user is told what to do", async () => {
  const { code, text } = await lookAs(["--reuid=nobody", "--regid=nogroup", "--clear-groups"], "nobody:nogroup");
  expect(code, text).toBe(3);
  expect(text).toContain(
    `expected to attach Delve to kubelet (process ${served.pid}), but it belongs to user 0, and casebook works as user ${nobody()}`,
  );
  expect(text).toContain("to do: say `become: true` in the step; in a container, give it the capability SYS_PTRACE");
  expect(text).not.toContain("stands still");
  await expectFree(served);
});

test("root without the right to trace is told so before anything is stopped", async () => {
  const { code, text } = await lookAs(["--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace"], "root:root");
  expect(code, text).toBe(3);
  expect(text).toContain(
    `expected to attach Delve to kubelet (process ${served.pid}), but it may do more than casebook, which lacks the capability SYS_PTRACE`,
  );
  expect(text).not.toContain("stands still");
  await expectFree(served);
});
