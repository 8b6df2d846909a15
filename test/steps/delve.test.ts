import { createHash } from "node:crypto";
import { chmodSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Json } from "../../src/model/json.js";
import { StepFailure } from "../../src/model/step-kind.js";
import { debug } from "../../src/steps/debug/index.js";
import { delve } from "../../src/steps/delve/index.js";
import { delveMinor } from "../support/debugged.js";
import { buildGo, type GoProgram } from "../support/go-program.js";
import { freePorts } from "../support/ports.js";
import { scratch } from "../support/scratch.js";
import { type Bench, createBench, type OpenStep } from "../support/step-context.js";

let bench: Bench;
let program: GoProgram;
let exec: string[];
beforeAll(async () => {
  bench = await createBench();
  program = await buildGo("random-port", { name: "kubelet" });
  const [port, readOnly] = await freePorts(2);
  exec = [program.path, `-port=${port}`, `-read-only-port=${readOnly}`];
});
afterAll(async () => {
  await program[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

const stat = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return ""; // it has ended
  }
};
const isAlive = (pid: number): boolean => /\) [^ZX]/s.test(stat(pid));
const parentOf = (pid: number): number => Number(stat(pid).split(") ")[1]?.split(" ")[1]);

async function failure(written: Json): Promise<StepFailure> {
  const found = await bench
    .use(delve, written, async () => {})
    .then(
      () => null,
      (error: unknown) => error,
    );
  expect(found).toBeInstanceOf(StepFailure);
  return found as StepFailure; // just seen
}

test("the program and its debugger are gone after the step", async () => {
  let pids: number[] = [];
  const { result, undone } = await bench.use(delve, { exec }, async ({ value, announced }) => {
    expect(value).toEqual({
      debug_information: true,
      pid: expect.any(Number),
      version: expect.stringMatching(/^1\.\d+/),
      executable: program.path,
      executable_sha256: createHash("sha256").update(readFileSync(program.path)).digest("hex"),
    });
    const pid = Number(value.pid);
    expect(readFileSync(`/proc/${pid}/cmdline`, "utf8")).toContain(program.path);
    pids = [pid, parentOf(pid), parentOf(parentOf(pid))];
    expect(pids.every(isAlive)).toBe(true);
    expect(announced.map((change) => change.token)).toEqual([expect.objectContaining({ pid: pids[2] })]);
  });
  expect(pids.some(isAlive)).toBe(false);
  expect(undone).toEqual([{ state: "undone", how: expect.any(String) }]);
  expect(result).toMatchObject({ pid: pids[0], stops: 0 });
});

test("what the program started itself is ended too, whatever group it is in", async () => {
  let child = 0;
  const folder = await scratch({
    "go.mod": "module spawner\n\ngo 1.19\n",
    "main.go": `package main

import ("os/exec"; "syscall")

func stop() {}

func main() {
	command := exec.Command("sleep", "300")
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	command.Start()
	stop()
	select {}
}
`,
  });
  await bench.use(delve, { package: ".", cwd: folder }, async ({ value, offers }) => {
    await bench.observe(debug, [{ break: "main.stop" }, "continue"], { offers: { session: offers } });
    const children = readFileSync(`/proc/${value.pid}/task/${value.pid}/children`, "utf8");
    const tasks = readdirSync(`/proc/${value.pid}/task`);
    const all = tasks.map((task) => readFileSync(`/proc/${value.pid}/task/${task}/children`, "utf8")).join(" ");
    child = Number(`${children} ${all}`.trim().split(/\s+/)[0]);
    expect(isAlive(child)).toBe(true);
  });
  expect(isAlive(child)).toBe(false);
});

test("another process can finish the work from the token, and finds it done the second time", async () => {
  await bench.use(delve, { exec }, async ({ value, announced }: OpenStep) => {
    const token = announced[0]?.token ?? null;
    expect(await bench.undo(delve, token)).toMatchObject({ state: "undone" });
    expect(isAlive(Number(value.pid))).toBe(false);
    expect(await bench.undo(delve, token)).toMatchObject({ state: "was-undone" });
  });
});

test("a session whose debugger leaves is broken, and its program does not stay", async () => {
  let pid = 0;
  await bench.use(delve, { exec }, async ({ value, broken }) => {
    pid = Number(value.pid);
    process.kill(parentOf(pid), "SIGTERM");
    expect(await broken).toBe("Delve left, so the debugging session is over");
  });
  expect(isAlive(pid)).toBe(false);
});

test("a debugger that is killed leaves no program behind", async () => {
  let pid = 0;
  await bench.use(delve, { exec }, async ({ value, broken }) => {
    pid = Number(value.pid);
    process.kill(parentOf(pid), "SIGKILL");
    await broken;
  });
  expect(isAlive(pid)).toBe(false);
});

test("a program that stood still for longer than allowed ends the session", async () => {
  const { result } = await bench.use(delve, { exec, max_stopped: "300ms" }, async ({ broken }) => {
    expect(await broken).toBe("the program stood still for 300 ms in all, which is what max_stopped allows");
  });
  expect(result.stopped_milliseconds).toBeGreaterThanOrEqual(300);
});

test("a package is built with its variables readable, and its folder is removed", async () => {
  let built = "";
  const [port, readOnly] = await freePorts(2);
  const args = [`-port=${port}`, `-read-only-port=${readOnly}`, "-no-random"];
  const { undone } = await bench.use(
    delve,
    { package: ".", cwd: program.source, args },
    async ({ value, offers, announced }) => {
      built = readFileSync(`/proc/${value.pid}/cmdline`, "utf8").split("\0")[0] ?? "";
      expect(existsSync(built)).toBe(true);
      expect(announced).toHaveLength(2);
      const { result } = await bench.observe(debug, [{ break: "main.serve" }, "continue", { print: "port" }], {
        offers: { session: offers },
      });
      expect(result.values).toEqual({ port });
    },
  );
  expect(existsSync(built)).toBe(false);
  expect(undone).toHaveLength(2);
});

test("a package named by its folder is built there, wherever casebook runs", async () => {
  const [port, readOnly] = await freePorts(2);
  const args = [`-port=${port}`, `-read-only-port=${readOnly}`, "-no-random"];
  await bench.use(delve, { package: program.source, args }, async ({ value }) => {
    expect(readFileSync(`/proc/${value.pid}/cmdline`, "utf8")).toContain(`-port=${port}`);
  });
});

test("a package that does not compile, is no command or is not there fails with the compiler's words", async () => {
  const folder = await scratch({
    "go.mod": "module broken\n\ngo 1.19\n",
    "main.go": "package main\nfunc main() { x }\n",
  });
  expect((await failure({ package: ".", cwd: folder })).message).toMatch(
    /^go build \. failed: .*undefined: x|undeclared name: x/,
  );
  expect((await failure({ package: "./util", cwd: program.source })).message).toContain("it has no package main");
  expect((await failure({ package: "./nowhere", cwd: program.source })).message).toMatch(
    /^go build \.\/nowhere failed: /,
  );
  const marked = join(folder, "ran");
  const tool = join(await scratch({ tool: `#!/bin/sh\n: >${marked}\nexec "$@"\n` }), "tool");
  chmodSync(tool, 0o755);
  expect((await failure({ package: `-toolexec=${tool}`, cwd: program.source })).message).toMatch(
    /^go build -toolexec=/,
  );
  expect(existsSync(marked), "an option of the compiler was taken from a package's name").toBe(false);
  expect(readdirSync("/tmp").filter((name) => /^casebook-[0-9a-f]{8}-/.test(name))).toEqual([]);
});

test("what cannot be debugged is told from what is not there", async () => {
  const folder = await scratch({ script: "#!/bin/sh\n", plain: "" });
  await chmod(join(folder, "script"), 0o755);
  expect((await failure({ exec: ["/nowhere/kubelet"] })).message).toBe(
    "expected a program, found no file /nowhere/kubelet",
  );
  expect((await failure({ exec: ["no-such-kubelet"] })).message).toBe(
    "expected a program, found no file no-such-kubelet in PATH",
  );
  expect((await failure({ exec: [folder] })).message).toBe(`expected a program, but ${folder} is no regular file`);
  expect((await failure({ exec: ["ls"], cwd: "/nowhere" })).message).toBe(
    "expected a folder to start ls in, but /nowhere is none",
  );
  expect((await failure({ package: "/nowhere/app" })).message).toBe(
    "expected a folder to build /nowhere/app in, but /nowhere/app is none",
  );
  expect((await failure({ exec: [join(folder, "plain")] })).message).toContain("is not executable");
  expect((await failure({ exec: [join(folder, "script")] })).message).toContain("found a script");
  expect((await failure({ exec: ["ls"] })).message).toMatch(/found one of another language$/);
});

test("a stripped program says what it lacks", async () => {
  await using stripped = await buildGo("random-port", { flags: ["-ldflags", "-s -w"] });
  if (delveMinor >= 24) return;
  const { message, remedy } = await failure({ exec: [stripped.path] });
  expect(message).toMatch(/needs debug information, but .* is stripped$/);
  expect(remedy).toContain("-ldflags='-s -w'");
});

test("a program that a too new Go built is refused before it is started", async () => {
  const folder = await scratch();
  const path = join(folder, "kubelet");
  const bytes = readFileSync(program.path);
  const at = bytes.indexOf(Buffer.from("\xff Go buildinf:", "latin1"));
  const version = bytes.subarray(at + 33, at + 33 + (bytes[at + 32] ?? 0)).toString();
  // The same length, so that nothing else of the file moves.
  bytes.write(version.replace(/^go1\.\d\d/, "go1.99"), at + 33);
  await writeFile(path, bytes);
  await chmod(path, 0o755);
  const { message, remedy } = await failure({ exec: [path] });
  expect(message).toMatch(/was built with go1\.99\.?\d*, which is too new for Delve 1\.\d+/);
  expect(remedy).toBe("install Delve 1.99 or newer on the host, or name another one in CASEBOOK_DLV");
});
